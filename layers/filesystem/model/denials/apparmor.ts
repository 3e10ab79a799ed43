import { fieldOf, numberField, timeOf } from './record.ts';
import type { AppArmorDenial } from './denial.ts';

/** Reads one record of AppArmor: `apparmor="DENIED" operation="open" profile="…" name="…" denied_mask="r"`. */
export function parseAppArmor(line: string, where: { file: string; line: number | null }): AppArmorDenial[] {
  const verdict = fieldOf(line, 'apparmor');
  const profile = fieldOf(line, 'profile');
  // ALLOWED is what complain mode writes where it would have refused.
  if (profile === null || (verdict !== 'DENIED' && verdict !== 'ALLOWED')) return [];
  const path = fieldOf(line, 'name');
  return [
    {
      system: 'apparmor',
      ...where,
      text: line.trim(),
      time: timeOf(line),
      pid: numberField(line, 'pid'),
      comm: fieldOf(line, 'comm'),
      path: path?.startsWith('/') ? path : null,
      name: path === null ? null : path.slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1),
      asked: [...(fieldOf(line, 'denied_mask') ?? '')],
      isEnforced: verdict === 'DENIED',
      profile,
      operation: fieldOf(line, 'operation') ?? '',
    },
  ];
}
