import { lowerCase } from '../values/bytes.ts';

/** ngx_http_validate_host: the name in lower case without port and closing dot; null where nginx answers 400. */
export function validateHost(host: string): string | null {
  let dot = -2;
  let end = host.length;
  let mode: 'usual' | 'literal' | 'rest' = 'usual';
  let lastDot = host.length;
  for (let at = 0; at < host.length; at += 1) {
    const unit = host[at] ?? '';
    const code = host.charCodeAt(at);
    if (unit === '.') {
      if (dot === at - 1) return null;
      dot = at;
      lastDot = at;
    } else if (unit === ':') {
      if (mode === 'usual') {
        end = at;
        mode = 'rest';
      }
    } else if (unit === '[') {
      if (at === 0) mode = 'literal';
    } else if (unit === ']') {
      if (mode === 'literal') {
        end = at + 1;
        mode = 'rest';
      }
    } else if (unit === '/' || code <= 0x20 || code === 0x7f) return null;
  }
  if (lastDot === end - 1) end -= 1;
  return end <= 0 ? null : lowerCase(host.slice(0, end));
}
