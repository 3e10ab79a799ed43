import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import { Fault } from '@why403/terms/fault';

/** A body is kept in memory whole. */
const LARGEST = 64 * 1024 * 1024;
const CHUNK = 64 * 1024;

function readAll(descriptor: number, path: string): Uint8Array {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = readSync(descriptor, chunk, 0, CHUNK, null);
    if (count === 0) return Buffer.concat(chunks);
    total += count;
    if (total > LARGEST) throw new Fault('file/too-large', 'The file is larger than 64 MiB.', { where: { in: path } });
    chunks.push(chunk.subarray(0, count));
  }
}

/** A file that a flag names, whole; `-` is standard input. Throws a fault when it can't be read. */
export function readNamedFile(path: string): Uint8Array {
  let descriptor: number | null = null;
  try {
    descriptor = path === '-' ? 0 : openSync(path, 'r');
    if (fstatSync(descriptor).isDirectory()) throw new Fault('file/unreadable', 'It is a folder and not a file.', { where: { in: path } });
    return readAll(descriptor, path);
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new Fault('file/missing', 'There is no such file.', { where: { in: path }, cause: error });
    const why = code === 'EACCES' ? 'This account may not read the file.' : 'The file can not be read.';
    throw new Fault('file/unreadable', why, { where: { in: path }, cause: error });
  } finally {
    if (descriptor !== null && descriptor !== 0) closeSync(descriptor);
  }
}

/** What reading a URL and curl's flags needs from this machine. */
export interface AskPorts {
  readonly read: (path: string) => Uint8Array;
  readonly toAscii: (name: string) => string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly mark: string;
  readonly version: string;
  readonly now: () => number;
}

/** The real ports: files, this process's environment and clock, and a mark that is random each time. */
export function askPorts(version: string): AskPorts {
  return {
    read: readNamedFile,
    toAscii: domainToASCII,
    environment: process.env,
    mark: randomBytes(8).toString('hex'),
    version,
    now: Date.now,
  };
}
