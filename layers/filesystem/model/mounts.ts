import { isWithin } from './path.ts';

/** One line of /proc/PID/mountinfo, proc_pid_mountinfo(5). */
export interface Mount {
  readonly point: string;
  /** The directory inside the mounted file system that is shown here. */
  readonly root: string;
  readonly fsType: string;
  readonly source: string;
  /** Options of this mount and of its file system together. */
  readonly options: readonly string[];
}

/** Reads mountinfo; lines of another shape are passed over. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right] = line.split(' - ');
    const [, , , root, point, own] = left.split(' ');
    if (right === undefined || root === undefined || point === undefined) return [];
    const [fsType = '', source = '', shared = ''] = right.split(' ');
    const options = [...(own ?? '').split(','), ...shared.split(',')].filter((one) => one !== '');
    return [{ point: unescaped(point), root: unescaped(root), fsType, source: unescaped(source), options: [...new Set(options)] }];
  });
}

/** Blank, tab, newline and backslash are written as three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The mount that serves a resolved path: the deepest point above it, of stacked ones the last. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    if (isWithin(path, mount.point) && (best === null || mount.point.length >= best.point.length)) best = mount;
  }
  return best;
}

export function optionOf(mount: Mount, name: string): string | null {
  return mount.options.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

/** Whether another machine decides on permissions. */
export function isNetwork(mount: Mount): boolean {
  return (
    /^(?:nfs4?|cifs|smb3|ceph|glusterfs|afs|9p|lustre|virtiofs)$/.test(mount.fsType) ||
    /^fuse\.(?:sshfs|glusterfs|s3fs|rclone|davfs)/.test(mount.fsType)
  );
}

export function isFuse(mount: Mount): boolean {
  return mount.fsType === 'fuse' || mount.fsType.startsWith('fuse.') || mount.fsType === 'fuseblk';
}

/** As one line of /etc/mtab, for quoting. */
export function mountLine(mount: Mount): string {
  return `${mount.source} ${mount.point} ${mount.fsType} ${mount.options.join(',')}`;
}

/** Whether setfacl can work there: null when the file system's kind leaves it open. */
export function canHoldAcls(mount: Mount | null): boolean | null {
  if (mount === null) return null;
  if (mount.options.includes('noacl')) return false;
  if (/^(?:vfat|msdos|exfat|ntfs3?|iso9660|udf|squashfs|proc|sysfs|nfs4|cifs|smb3|9p|hfsplus)$/.test(mount.fsType)) return false;
  return /^(?:ext[234]|xfs|btrfs|tmpfs|f2fs|zfs|overlay|bcachefs|jfs)$/.test(mount.fsType) ? true : null;
}
