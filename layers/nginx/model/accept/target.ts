/** The request target, read. Texts are bytes. */
export interface Target {
  /** Decoded and normalized. */
  readonly uri: string;
  /** Without the question mark, as sent. */
  readonly args: string;
  /** The host of an absolute target, as sent; null for a path. */
  readonly host: string | null;
}

export type TargetRead =
  | { readonly state: 'read'; readonly target: Target }
  | {
      readonly state: 'invalid';
      readonly why: string;
      /** Whether the request line itself was read, and only the path made no sense. */
      readonly isParsed: boolean;
    };

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const UNFIT = /[\u0000-\u001f\u007f ]/;

/** ngx_http_parse_request_line and ngx_http_process_request_uri for the target alone. */
export function readTarget(raw: string, isMergingSlashes: boolean): TargetRead {
  if (UNFIT.test(raw)) return { state: 'invalid', why: 'the request target holds a space or a control character', isParsed: false };
  if (raw.startsWith('/')) return finish(raw, null, isMergingSlashes);
  const scheme = SCHEME.exec(raw)?.[0];
  if (scheme === undefined) return { state: 'invalid', why: 'the request target is neither a path nor an absolute URL', isParsed: false };
  const rest = raw.slice(scheme.length);
  const [authority = ''] = /^(?:\[[A-Za-z0-9:._~!$&'()*+,;=-]*\]|[A-Za-z0-9.-]*)/.exec(rest) ?? [];
  const behind = rest.slice(authority.length);
  const port = /^:\d*/.exec(behind)?.[0] ?? '';
  const path = behind.slice(port.length);
  if (path === '') return { state: 'read', target: { uri: '/', args: '', host: authority } };
  if (path.startsWith('?')) return finish(`/${path}`, authority, isMergingSlashes);
  if (!path.startsWith('/')) return { state: 'invalid', why: 'the host of the absolute request target is malformed', isParsed: false };
  return finish(path, authority, isMergingSlashes);
}

/** What makes nginx normalize the path instead of taking it as sent. */
const COMPLEX = /\/[./]|[%#]/;

function finish(raw: string, host: string | null, isMergingSlashes: boolean): TargetRead {
  const question = raw.indexOf('?');
  const path = question < 0 ? raw : raw.slice(0, question);
  if (!COMPLEX.test(path) && (question < 0 || !raw.includes('#', question))) {
    return { state: 'read', target: { uri: path, args: question < 0 ? '' : raw.slice(question + 1), host } };
  }
  const normal = normalize(raw, isMergingSlashes);
  if (normal === null) return { state: 'invalid', why: 'the path leaves the root, holds %00, or is badly percent-encoded', isParsed: true };
  return { state: 'read', target: { ...normal, host } };
}

type Mode = 'usual' | 'slash' | 'dot' | 'dot-dot';

/** ngx_http_parse_complex_uri; null for its NGX_HTTP_PARSE_INVALID_REQUEST. */
export function normalize(raw: string, isMergingSlashes: boolean): { uri: string; args: string } | null {
  let uri = '';
  let mode: Mode = 'usual';
  let at = 0;
  while (at < raw.length) {
    let unit = raw[at] ?? '';
    at += 1;
    if (unit === '%') {
      const hex = raw.slice(at, at + 2);
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return null;
      const code = Number.parseInt(hex, 16);
      if (code === 0) return null;
      at += 2;
      unit = String.fromCharCode(code);
      // These three, encoded, are never read as what they mean bare.
      if (unit === '%' || unit === '#' || unit === '?') {
        uri += unit;
        mode = 'usual';
        continue;
      }
    } else if (unit === '?' || unit === '#') {
      const ended = close(uri, mode);
      return ended === null ? null : { uri: ended, args: unit === '?' ? argsOf(raw.slice(at)) : '' };
    }
    if (unit === '/') {
      if (mode === 'slash') {
        if (!isMergingSlashes) uri += '/';
        continue;
      }
      if (mode === 'dot') uri = uri.slice(0, -1);
      else if (mode === 'dot-dot') {
        const up = climb(uri);
        if (up === null) return null;
        uri = up;
      } else uri += '/';
      mode = 'slash';
    } else {
      if (unit === '.' && mode === 'slash') mode = 'dot';
      else if (unit === '.' && mode === 'dot') mode = 'dot-dot';
      else mode = 'usual';
      uri += unit;
    }
  }
  const ended = close(uri, mode);
  return ended === null ? null : { uri: ended, args: '' };
}

/** Arguments end at a `#`. */
function argsOf(rest: string): string {
  const hash = rest.indexOf('#');
  return hash < 0 ? rest : rest.slice(0, hash);
}

function close(uri: string, mode: Mode): string | null {
  if (mode === 'dot') return uri.slice(0, -1);
  return mode === 'dot-dot' ? climb(uri) : uri;
}

/** Takes `name/..` off: the last four units are skipped, then everything back to a slash. */
function climb(uri: string): string | null {
  const slash = uri.lastIndexOf('/', uri.length - 4);
  return uri.length - 4 < 0 || slash < 0 ? null : uri.slice(0, slash + 1);
}
