import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { BIN, type Ended } from './why403.ts';

/** The folders of the private copies that a run has made. */
export function copiesOf(pid: number, parents: readonly string[] = []): readonly string[] {
  return [...new Set([tmpdir(), '/tmp', ...parents])].flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith(`why403-copy-${pid}-`))
      .map((name) => join(parent, name)),
  );
}

/** Runs bin/why403 and does something else as soon as it tries the fix on a private copy: everything is read by then. */
export async function duringProof(args: readonly string[], env: Readonly<Record<string, string>>, act: () => void): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let isOver = false;
  const child = execFile(BIN, [...args], { env: { ...process.env, NO_COLOR: '1', ...env } }, (_, stdout, stderr) => {
    isOver = true;
    resolve({ code: child.exitCode ?? -1, stdout, stderr });
  });
  const { pid } = child;
  while (!isOver && pid !== undefined && copiesOf(pid).length === 0) await turn();
  if (!isOver) act();
  return promise;
}
