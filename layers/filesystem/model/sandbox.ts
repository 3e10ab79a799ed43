import { isWithin } from './path.ts';
import { mountOf } from './mounts.ts';
import type { Mount } from './mounts.ts';
import type { FileTree } from './tree.ts';

/** One setting of a service unit, systemd.exec(5), as `systemctl show` or a unit file gives it. */
export interface UnitSetting {
  readonly name: string;
  readonly value: string;
  /** The unit file or drop-in that holds it, when known. */
  readonly file?: string;
  readonly line?: number;
}

/** How the process's view of the file system is narrowed. */
export interface Sandbox {
  readonly pid: number;
  /** The service unit, or null when it runs in none or nobody could tell. */
  readonly unit: string | null;
  /** Null when the service manager could not be asked. */
  readonly settings: readonly UnitSetting[] | null;
  readonly mounts: readonly Mount[];
  /** The file system as the rest of the machine sees it, to compare with the process's own; null when it wasn't looked at. */
  readonly outside: FileTree | null;
}

/** What hides a path from the service. */
export interface Hiding {
  readonly setting: UnitSetting | null;
  readonly mount: Mount | null;
  /** `empty`: replaced by something without the content (ENOENT); `inaccessible`: present with no permission at all (EACCES). */
  readonly how: 'empty' | 'inaccessible';
  /** The directory that is covered. */
  readonly over: string;
}

/** ProtectHome= covers these, systemd.exec(5). */
export const HOMES = ['/home', '/root', '/run/user'] as const;

/** What of the unit's sandbox covers `path`, or null when nothing does as far as is known. */
export function hidingOf(sandbox: Sandbox, path: string): Hiding | null {
  const setting = (sandbox.settings ?? []).map((one) => bySetting(one, path)).find((one) => one !== null) ?? null;
  const mount = byMount(sandbox.mounts, path);
  if (setting === null) return mount;
  return { ...setting, mount: mount?.mount ?? null };
}

function bySetting(setting: UnitSetting, path: string): Hiding | null {
  const { name, value } = setting;
  const hit = (how: Hiding['how'], covered: readonly string[]): Hiding | null => {
    const over = covered.find((one) => isWithin(path, one));
    return over === undefined ? null : { setting, mount: null, how, over };
  };
  switch (name) {
    case 'ProtectHome':
      if (value === 'tmpfs') return hit('empty', HOMES);
      return isYes(value) ? hit('inaccessible', HOMES) : null;
    case 'PrivateTmp':
      return isYes(value) || value === 'disconnected' ? hit('empty', ['/tmp', '/var/tmp']) : null;
    case 'InaccessiblePaths':
    case 'InaccessibleDirectories':
      return hit('inaccessible', pathsOf(value));
    case 'TemporaryFileSystem':
      return hit('empty', pathsOf(value));
    default:
      return null;
  }
}

function isYes(value: string): boolean {
  return /^(?:yes|true|on|1)$/i.test(value);
}

/** `-` (ignored when missing) and `+` (relative to the root directory) may stand in front, options after a colon. */
function pathsOf(value: string): readonly string[] {
  return value.split(/\s+/).flatMap((word) => {
    const path = word
      .replace(/^[-+]+/, '')
      .replace(/:.*$/, '')
      .replace(/\/+$/, '');
    return path.startsWith('/') ? [path] : [];
  });
}

/** systemd shows what it hides by mounts of /run/systemd/inaccessible or of a systemd-private folder. */
function byMount(mounts: readonly Mount[], path: string): Hiding | null {
  const mount = mountOf(mounts, path);
  if (mount === null) return null;
  if (/\/systemd\/inaccessible\//.test(mount.root)) return { setting: null, mount, how: 'inaccessible', over: mount.point };
  if (/\/systemd-private-[0-9a-f]+-/.test(mount.root)) return { setting: null, mount, how: 'empty', over: mount.point };
  const home = HOMES.find((one) => one === mount.point);
  return home !== undefined && mount.fsType === 'tmpfs' ? { setting: null, mount, how: 'empty', over: home } : null;
}

/** Reads `systemctl show` output (`Name=value` lines) for the settings that narrow a unit's view. */
export function parseUnitSettings(text: string): readonly UnitSetting[] {
  return text.split('\n').flatMap((line) => {
    const cut = line.indexOf('=');
    const value = line.slice(cut + 1).trim();
    return cut <= 0 || value === '' || value === 'no' ? [] : [{ name: line.slice(0, cut), value }];
  });
}

/** The unit in /proc/PID/cgroup: the last component that is a service or scope. */
export function unitOfCgroup(cgroup: string): string | null {
  const units = [...cgroup.matchAll(/\/([^/\n]+\.service)(?=\/|$)/gm)].map((match) => match[1] ?? '');
  return units.at(-1) ?? null;
}
