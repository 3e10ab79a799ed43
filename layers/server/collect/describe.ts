import type { Listener } from '@why403/terms/house';
import { type Proc, valueOf } from './proc.ts';

const DELETED = ' (deleted)';
/** USER_HZ, which proc(5) counts start times in: 100 on every architecture that Linux still has. */
const TICKS_PER_SECOND = 100;

/** One process as a listener, and what of it could not be seen. */
export function describeProcess(
  proc: Proc,
  pid: number,
  address: string,
  port: number,
  now: number,
): { readonly listener: Listener; readonly blind: readonly string[] } {
  const blind: string[] = [];
  const executable = proc.link(pid, 'exe');
  if (executable.state === 'forbidden') {
    blind.push(
      `This account may not see which program process ${pid} runs, nor its open files and view of the file system: run why403 as root, or as the account that the server runs as.`,
    );
  }
  const path = valueOf(executable);
  if (path?.endsWith(DELETED) === true)
    blind.push(`The program file of process ${pid} was replaced or removed since it started: the one on disk is another.`);
  const mount = valueOf(proc.link(pid, 'ns/mnt'));
  const network = valueOf(proc.link(pid, 'ns/net'));
  const isOtherMount = mount !== null && mount !== valueOf(proc.link('self', 'ns/mnt'));
  const root = valueOf(proc.link(pid, 'root'));
  const boot = proc.bootTime(now);
  const start = proc.stat(pid)?.startTicks;
  return {
    listener: {
      address,
      port,
      pid,
      executable: path?.endsWith(DELETED) === true ? path.slice(0, -DELETED.length) : path,
      argv: proc.commandLine(pid),
      workingDirectory: valueOf(proc.link(pid, 'cwd')),
      uid: proc.effectiveUid(pid) ?? -1,
      // a chroot is another view just as a mount namespace is
      root: isOtherMount || (root !== null && root !== '/') ? `${proc.path}/${pid}/root` : '',
      elsewhere: { mount: isOtherMount, network: network !== null && network !== valueOf(proc.link('self', 'ns/net')) },
      startedAt: boot === null || start === undefined ? null : Math.round(boot + (start * 1000) / TICKS_PER_SECOND),
    },
    blind,
  };
}
