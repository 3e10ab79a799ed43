import type { Headers } from '@why403/terms/request';
import type { Provenance } from '../trace.ts';
import { lowerCase } from './bytes.ts';
import { missing, type State, type Text } from './state.ts';

/** A value straight from the request, known by its variable's name. */
export function fromRequest(variable: string, value: string): Text {
  const provenance: Provenance = { variable, value, directive: null, entry: null, from: [] };
  return { known: true, value, provenance: [provenance] };
}

/** The client after realip, under the name of `$remote_addr`. */
export function clientAddress(state: State): Text {
  return state.clientMissing === null ? fromRequest('remote_addr', state.client) : missing(state.clientMissing);
}

/** Values of the fields of a name (lower case, `_` for `-`), in order. The state holds only fields that nginx kept. */
function fieldsOf(state: State, wanted: string): readonly string[] {
  const values: string[] = [];
  for (const [name, value] of state.request.headers) {
    if (name.length === wanted.length && lowerCase(name).replaceAll('-', '_') === wanted)
      values.push(value.replace(/^[ \t]+|[ \t]+$/g, ''));
  }
  return values;
}

/** `$http_…`: the first field of that name, except lists that nginx joins. */
export function headerVariable(name: string, state: State): Text {
  const variable = `http_${name}`;
  const values = fieldsOf(state, name);
  if (name === 'cookie') return fromRequest(variable, values.join('; '));
  if (name === 'x_forwarded_for') return fromRequest(variable, values.join(', '));
  return fromRequest(variable, values[0] ?? '');
}

/** All X-Forwarded-For fields, each as sent. */
export function forwardedFor(headers: Headers): readonly string[] {
  return headers.filter(([name]) => lowerCase(name) === 'x-forwarded-for').map(([, value]) => value.trim());
}

/** `$arg_…`: the first argument of that name, letters' case ignored (ngx_http_arg); undecoded. */
export function argument(name: string, state: State): Text {
  const variable = `arg_${name}`;
  for (const part of name === '' ? [] : state.args.split('&')) {
    const equals = part.indexOf('=');
    if (equals === name.length && lowerCase(part.slice(0, equals)) === name) return fromRequest(variable, part.slice(equals + 1));
  }
  return fromRequest(variable, '');
}

/** `$cookie_…`: ngx_http_parse_multi_header_lines, over every Cookie field. */
export function cookie(name: string, state: State): Text {
  const variable = `cookie_${name}`;
  for (const field of fieldsOf(state, 'cookie')) {
    const value = name.length > field.length ? null : cookieIn(field, name);
    if (value !== null) return fromRequest(variable, value);
  }
  return fromRequest(variable, '');
}

function cookieIn(field: string, name: string): string | null {
  let at = 0;
  while (at < field.length) {
    if (lowerCase(field.slice(at, at + name.length)) === name) {
      at += name.length;
      while (field[at] === ' ') at++;
      if (field[at] === '=') {
        const value = field.slice(at + 1).replace(/^ +/, '');
        const end = value.indexOf(';');
        return end < 0 ? value : value.slice(0, end);
      }
      // nginx has stepped over the character that was no equals sign.
      at++;
    }
    while (at < field.length && field[at] !== ';' && field[at] !== ',') at++;
    at++;
    while (field[at] === ' ') at++;
  }
  return null;
}

/** The user of Basic credentials (ngx_http_auth_basic_user); empty when there are none or they are broken. */
export function basicUser(state: State): string {
  const [authorization] = fieldsOf(state, 'authorization');
  if (authorization === undefined || lowerCase(authorization.slice(0, 6)) !== 'basic ') return '';
  const encoded = authorization.slice(6).replace(/^ +/, '');
  const decoded = decodeBase64(encoded);
  const colon = decoded?.indexOf(':') ?? -1;
  return decoded !== null && colon > 0 ? decoded.slice(0, colon) : '';
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** ngx_decode_base64: up to the first `=`, no whitespace; null when it is broken. */
export function decodeBase64(text: string, alphabet = ALPHABET): string | null {
  const end = text.indexOf('=');
  const body = end < 0 ? text : text.slice(0, end);
  if (body.length % 4 === 1) return null;
  let decoded = '';
  let bits = 0;
  let width = 0;
  for (const char of body) {
    const digit = alphabet.indexOf(char);
    if (digit < 0) return null;
    bits = (bits << 6) | digit;
    width += 6;
    if (width >= 8) {
      width -= 8;
      decoded += String.fromCharCode((bits >> width) & 255);
      bits &= (1 << width) - 1;
    }
  }
  return decoded;
}
