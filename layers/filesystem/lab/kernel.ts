import { spawnSync } from 'node:child_process';
import type { Identity, Use } from '../index.ts';

/** What the kernel was asked, and its answer: `ok` or the name of the error. */
export interface Asked {
  readonly use: Use;
  readonly path: string;
}

const NAMES: Readonly<Record<string, string>> = {
  '0': 'ok',
  '2': 'ENOENT',
  '13': 'EACCES',
  '20': 'ENOTDIR',
  '36': 'ENAMETOOLONG',
  '40': 'ELOOP',
};

/** Uses each path as a server would, with the system calls themselves, and prints each errno. */
export const SCRIPT = String.raw`
use POSIX ();
use Fcntl;
while (my $line = <STDIN>) {
  chomp $line;
  my ($use, $hex) = split / /, $line, 2;
  my $path = pack('H*', $hex);
  my $ok;
  $! = 0;
  if ($use eq 'stat') { $ok = stat($path) }
  elsif ($use eq 'lstat') { $ok = lstat($path) }
  elsif ($use eq 'read') { $ok = POSIX::access($path, POSIX::R_OK()) }
  elsif ($use eq 'list') { $ok = opendir(my $dir, $path) }
  else { $ok = chdir($path); my $why = $! + 0; chdir('/'); $! = $why unless $ok }
  print $ok ? 0 : $! + 0, "\n";
}
`;

/** Whether this machine can be asked at all. */
export function canAsk(): boolean {
  return spawnSync('perl', ['-e', '1']).status === 0 && (!isRoot() || spawnSync('setpriv', ['--version']).status === 0);
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Asks the kernel with the identity's numbers; as an ordinary user only with our own. */
export function askKernel(identity: Identity, asked: readonly Asked[]): readonly string[] {
  const input = asked.map(({ use, path }) => `${use} ${Buffer.from(path).toString('hex')}\n`).join('');
  const [program, ...args] = [...(isRoot() ? become(identity) : []), 'perl', '-e', SCRIPT];
  const ended = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, cwd: '/' });
  if (ended.status !== 0) throw new Error(`${program} failed: ${ended.stderr}`);
  return ended.stdout
    .trimEnd()
    .split('\n')
    .map((code) => NAMES[code] ?? code);
}

function become(identity: Identity): readonly string[] {
  const groups = identity.groups.length === 0 ? '--clear-groups' : `--groups=${identity.groups.join(',')}`;
  const caps = (identity.bypass ?? identity.uid === 0) ? [] : ['--inh-caps=-all', '--bounding-set=-all'];
  return ['setpriv', `--reuid=${identity.uid}`, `--regid=${identity.gid}`, groups, ...caps];
}
