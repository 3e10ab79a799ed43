import { parseAppArmor } from './apparmor.ts';
import { parseAvc } from './avc.ts';
import { eventOf, fieldOf } from './record.ts';

interface Recorded {
  /** The log it stands in. */
  readonly file: string;
  /** Null when only the end of a long log was read. */
  readonly line: number | null;
  readonly text: string;
  /** Milliseconds since the epoch, from the audit record. */
  readonly time: number | null;
  readonly pid: number | null;
  readonly comm: string | null;
  /** The whole path when the record has one, or a PATH record of the same event does. */
  readonly path: string | null;
  /** The last component, which is all that many AVC records tell. */
  readonly name: string | null;
  /** What was asked for: `read`, `open`, `search` …, or AppArmor's mask letters. */
  readonly asked: readonly string[];
  /** False for what is only reported (permissive, complain). */
  readonly isEnforced: boolean;
}

/** One refusal that a security module wrote down. */
export type Denial = SelinuxDenial | AppArmorDenial;

export interface SelinuxDenial extends Recorded {
  readonly system: 'selinux';
  /** Types of the process and of the object: `httpd_t`, `user_home_t`. */
  readonly source: string;
  readonly target: string;
  readonly class: string;
}

export interface AppArmorDenial extends Recorded {
  readonly system: 'apparmor';
  readonly profile: string;
  readonly operation: string;
}

/** Reads the records of refusals in an audit, kernel or journal log; every other line is passed over. */
export function parseDenials(file: string, text: string, firstLine: number | null = 1): readonly Denial[] {
  const lines = text.split('\n');
  const paths = pathsByEvent(lines);
  return lines.flatMap((line, at): Denial[] => {
    const where = { file, line: firstLine === null ? null : firstLine + at };
    if (line.includes('apparmor="')) return parseAppArmor(line, where);
    return line.includes('avc:') ? parseAvc(line, where, paths) : [];
  });
}

/** audit writes the path of an event into PATH records that bear the event's own time and number. */
function pathsByEvent(lines: readonly string[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of lines) {
    if (!line.includes('type=PATH')) continue;
    const event = eventOf(line);
    const name = fieldOf(line, 'name');
    if (event !== null && name?.startsWith('/')) paths.set(event, name);
  }
  return paths;
}
