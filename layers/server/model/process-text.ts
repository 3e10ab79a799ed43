/** What /proc/PID/stat tells (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly parent: number;
  /** The executable's short name, at most 15 characters. */
  readonly name: string;
  /** Clock ticks between boot and the process's start. */
  readonly startTicks: number;
}

/** The name stands in parentheses and may itself hold spaces and parentheses: it ends at the last one. */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open === -1 || close === -1) return null;
  const fields = text.slice(close + 2).split(' ');
  const parent = Number(fields[1]);
  const startTicks = Number(fields[19]);
  return Number.isInteger(parent) && Number.isInteger(startTicks) ? { parent, name: text.slice(open + 1, close), startTicks } : null;
}

/** The effective uid in /proc/PID/status: the account whose rights the process has. */
export function parseEffectiveUid(text: string): number | null {
  const match = /^Uid:\s+\d+\s+(\d+)/m.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** /proc/PID/cmdline: NUL-terminated words; a process that wrote its own title may leave spaces and padding. */
export function parseCommandLine(text: string): readonly string[] {
  const words = text.replace(/\0+$/, '').split('\0');
  return words.length === 1 && words[0] === '' ? [] : words;
}

/** Whether a network namespace has this IPv4 address for its own, by the text of its net/fib_trie. */
export function isLocalV4(fibTrie: string, address: string): boolean {
  const at = fibTrie.search(new RegExp(`\\|-- ${address.replaceAll('.', '\\.')}\\n\\s+/32 host LOCAL`));
  return at !== -1;
}

/** The same for IPv6, by the text of its net/if_inet6: 32 hexadecimal digits a line. */
export function isLocalV6(ifInet6: string, bytes: readonly number[]): boolean {
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return ifInet6.split('\n').some((line) => line.startsWith(hex));
}
