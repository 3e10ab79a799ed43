import { eventOf, fieldOf, numberField, timeOf } from './record.ts';
import type { SelinuxDenial } from './denial.ts';

/**
 * Reads one AVC record of SELinux: `avc:  denied  { read } for  pid=… comm="…" name="…" scontext=… tcontext=…
 * tclass=… permissive=0`. Granted records yield nothing.
 */
export function parseAvc(line: string, where: { file: string; line: number | null }, paths: ReadonlyMap<string, string>): SelinuxDenial[] {
  const asked = /avc:\s+denied\s+\{([^}]*)\}/.exec(line)?.[1];
  const source = typeOf(fieldOf(line, 'scontext'));
  const target = typeOf(fieldOf(line, 'tcontext'));
  if (asked === undefined || source === null || target === null) return [];
  const own = fieldOf(line, 'path');
  const event = eventOf(line);
  return [
    {
      system: 'selinux',
      ...where,
      text: line.trim(),
      time: timeOf(line),
      pid: numberField(line, 'pid'),
      comm: fieldOf(line, 'comm'),
      path: own?.startsWith('/') ? own : event === null ? null : (paths.get(event) ?? null),
      name: fieldOf(line, 'name'),
      asked: asked.trim().split(/\s+/),
      isEnforced: fieldOf(line, 'permissive') !== '1',
      source,
      target,
      class: fieldOf(line, 'tclass') ?? '',
    },
  ];
}

/** The third part of `user:role:type:level`. */
function typeOf(context: string | null): string | null {
  return context?.split(':')[2] ?? null;
}
