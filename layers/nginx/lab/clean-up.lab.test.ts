import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hasNginx } from './server.ts';

/** A program that starts a lab, says where it is, and then waits for its end, or throws. */
const PROGRAM = `
  import { startLab } from ${JSON.stringify(new URL('./server.ts', import.meta.url).href)};
  const lab = await startLab({ http: ({ port }) => \`server { listen 127.0.0.1:\${port(0)}; return 204; }\` });
  console.log(JSON.stringify({ directory: lab.directory, port: lab.port(0) }));
  if (process.argv[1] === 'throw') throw new Error('on purpose');
  if (process.argv[1] === 'exit') process.exit(7);
  setInterval(() => {}, 1000);
`;

async function startProgram(how: string): Promise<{ directory: string; port: number; end: Promise<unknown[]>; pid: number }> {
  const program = spawn(process.execPath, ['--input-type=module-typescript', '-e', PROGRAM, how], { stdio: ['ignore', 'pipe', 'ignore'] });
  const end = once(program, 'exit');
  const [line] = (await once(program.stdout.setEncoding('utf8'), 'data')) as [string];
  return { ...(JSON.parse(line) as { directory: string; port: number }), end, pid: program.pid ?? 0 };
}

async function listens(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** nginx ends a moment after it is told to. */
async function untilSilent(port: number): Promise<boolean> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(5)) if (!(await listens(port))) return true;
  return false;
}

describe.skipIf(!hasNginx)('a lab whose program ends early', () => {
  it.each(['exit', 'throw'])('leaves nothing behind by %s', async (how) => {
    const { directory, port, end } = await startProgram(how);
    await end;
    expect(await untilSilent(port)).toBe(true);
    expect(existsSync(directory)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing behind by %s, which keeps its meaning', async (signal) => {
    const { directory, port, end, pid } = await startProgram('wait');
    process.kill(pid, signal);
    expect(await end).toEqual([null, signal]);
    expect(await untilSilent(port)).toBe(true);
    expect(existsSync(directory)).toBe(false);
  });

  it.skipIf(!existsSync('/usr/bin/setpriv'))('takes its server along even when it is killed outright', async () => {
    const { directory, port, end, pid } = await startProgram('wait');
    process.kill(pid, 'SIGKILL');
    await end;
    expect(await untilSilent(port)).toBe(true);
    rmSync(directory, { recursive: true });
  });
});
