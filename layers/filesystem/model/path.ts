/** PATH_MAX of limits.h: bytes of a whole path with its closing NUL. */
export const PATH_MAX = 4096;
/** NAME_MAX of limits.h: bytes of one component. */
export const NAME_MAX = 255;

/** Bytes of `text` in UTF-8, which is what the kernel counts. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      bytes += 4;
      at += 1;
    } else bytes += 3;
  }
  return bytes;
}

/** The directory that holds `path`; `/` is its own parent. `path` is absolute and without a trailing slash. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

/** The last component of an absolute path without a trailing slash; empty for `/`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `directory` and `name` joined by exactly one slash. */
export function joined(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The path without doubled and trailing slashes and `.`; `..` is kept, because it means the parent behind a link. */
export function tidied(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}

/** Whether `path` is `directory` itself or lies under it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** Every directory above `path`, from `/` down to its parent. */
export function ancestorsOf(path: string): readonly string[] {
  const parts = tidied(path).split('/').slice(1, -1);
  const above = ['/'];
  let so = '';
  for (const part of parts) {
    so = `${so}/${part}`;
    above.push(so);
  }
  return path === '/' ? [] : above;
}
