import { gathered, unavailable } from '@why403/decision';
import type { Gathered } from '@why403/decision';
import { parseDenials } from '../index.ts';
import type { Denial, Denials } from '../index.ts';
import { run } from './run.ts';
import { readEnd, readSmall } from './text-file.ts';

/** Which processes and when, in milliseconds since the epoch. */
export interface DenialsWanted {
  readonly pid: number | null;
  readonly window: { readonly from: number; readonly to: number } | null;
  /** Logs that were given by name; then this machine's own are left alone. */
  readonly files: readonly string[];
}

/** Where audit and kernel records go on common systems. */
const LOGS = ['/var/log/audit/audit.log', '/var/log/kern.log', '/var/log/messages', '/var/log/syslog'];

/** The switches that kernel/selinux-boolean knows. */
const BOOLEANS = ['httpd_enable_homedirs', 'httpd_read_user_content', 'httpd_use_nfs', 'httpd_use_cifs', 'httpd_use_fusefs'];

/** What security modules wrote down, from given logs or from this machine's. */
export async function gatherDenials(wanted: DenialsWanted): Promise<Gathered<Denials>> {
  if (wanted.files.length > 0) return fromFiles(wanted.files);
  const [selinux, apparmor] = await Promise.all([selinuxState(), apparmorState()]);
  const known = { selinux, apparmor, profile: await profileOf(wanted.pid), booleans: await booleans(selinux) };
  // With both modules off nothing can have been written, so nothing need be read.
  if (selinux === 'disabled' && apparmor === 'disabled') return gathered({ ...known, records: [], searched: [], unsearched: [] });
  if (wanted.window === null) return unavailable('when the request was served, to find the records of that moment');
  return gathered({ ...known, ...(await searchLogs(LOGS, wanted.window)) });
}

async function fromFiles(files: readonly string[]): Promise<Gathered<Denials>> {
  const found = await searchFiles(files);
  const has = (system: Denial['system']): boolean => found.records.some((one) => one.system === system && one.isEnforced);
  return gathered({
    // A record of an enforced refusal proves that the module was at work; silence in a copied log proves nothing.
    selinux: has('selinux') ? 'enforcing' : null,
    apparmor: has('apparmor') ? 'enabled' : null,
    profile: null,
    booleans: new Map(),
    ...found,
  });
}

async function searchLogs(files: readonly string[], window: { from: number; to: number }): Promise<Searched> {
  const inFiles = await searchFiles(files);
  const since = Math.floor(window.from / 1000) - 2;
  const journal = await run('journalctl', ['-k', '-o', 'cat', '--no-pager', `--since=@${since}`]);
  if (journal.code !== 0) {
    const nowhere = inFiles.searched.length === 0 && inFiles.unsearched.length === 0;
    return nowhere ? { ...inFiles, unsearched: ['no audit or kernel log was found on this machine'] } : inFiles;
  }
  const known = new Set(inFiles.records.map((one) => `${one.time}/${one.pid}/${one.name}`));
  const fresh = parseDenials('journalctl -k', journal.stdout, null).filter((one) => !known.has(`${one.time}/${one.pid}/${one.name}`));
  return { ...inFiles, records: [...inFiles.records, ...fresh], searched: [...inFiles.searched, 'journalctl -k'] };
}

interface Searched {
  readonly records: readonly Denial[];
  readonly searched: readonly string[];
  readonly unsearched: readonly string[];
}

async function searchFiles(files: readonly string[]): Promise<Searched> {
  const records: Denial[] = [];
  const searched: string[] = [];
  const unsearched: string[] = [];
  for (const file of files) {
    const read = await readEnd(file);
    if (read.state === 'unread') unsearched.push(`${file} could not be read: ${read.why}`);
    if (read.state !== 'read') continue;
    searched.push(file);
    records.push(...parseDenials(file, read.text, read.isWhole ? 1 : null));
  }
  return { records, searched, unsearched };
}

async function selinuxState(): Promise<Denials['selinux']> {
  const enforce = await readEnd('/sys/fs/selinux/enforce');
  if (enforce.state === 'absent') return 'disabled';
  if (enforce.state === 'unread') return null;
  return enforce.text.trim() === '1' ? 'enforcing' : 'permissive';
}

async function apparmorState(): Promise<Denials['apparmor']> {
  const enabled = await readEnd('/sys/module/apparmor/parameters/enabled');
  if (enabled.state === 'unread') return null;
  return enabled.state === 'read' && enabled.text.startsWith('Y') ? 'enabled' : 'disabled';
}

async function profileOf(pid: number | null): Promise<string | null> {
  if (pid === null) return null;
  const current = (await readSmall(`/proc/${pid}/attr/apparmor/current`)) ?? (await readSmall(`/proc/${pid}/attr/current`));
  const [name = ''] = current?.replace(/\0/g, '').split(' (') ?? [];
  return name === '' || name === 'unconfined' ? null : name;
}

async function booleans(selinux: Denials['selinux']): Promise<ReadonlyMap<string, boolean>> {
  const known = new Map<string, boolean>();
  if (selinux === 'disabled' || selinux === null) return known;
  for (const name of BOOLEANS) {
    const text = await readSmall(`/sys/fs/selinux/booleans/${name}`);
    if (text !== null) known.set(name, text.startsWith('1'));
  }
  return known;
}
