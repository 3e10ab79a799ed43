import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** A text that was read, or why not. `isWhole` is false when only its end was read. */
export type TextRead =
  | { readonly state: 'read'; readonly text: string; readonly isWhole: boolean }
  | { readonly state: 'absent' }
  | { readonly state: 'unread'; readonly why: string };

const MOST = 8 * 1024 * 1024;

/** Opening a named pipe would otherwise wait until somebody writes into it. */
const NO_WAIT = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The end of a file that may be huge, cut at the start of a line. Never blocks on pipes or devices: what is no
 * regular file isn't read.
 */
export async function readEnd(path: string, most = MOST): Promise<TextRead> {
  try {
    const file = await open(path, NO_WAIT);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { state: 'unread', why: 'it is no regular file' };
      const { size } = stats;
      // Files of /proc and /sys say that they are empty, and are read as they come.
      if (size === 0) return { state: 'read', text: await file.readFile('utf8'), isWhole: true };
      const from = Math.max(0, size - most);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, most)), 0, Math.min(size, most), from);
      const text = buffer.toString('utf8', 0, bytesRead);
      return { state: 'read', text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), isWhole: from === 0 };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
    return { state: 'unread', why: code === 'EACCES' || code === 'EPERM' ? 'no permission' : String(code) };
  }
}

/** A small file's text without blanks at its ends, or null when it can't be had. */
export async function readSmall(path: string): Promise<string | null> {
  const read = await readEnd(path);
  return read.state === 'read' ? read.text.trim() : null;
}
