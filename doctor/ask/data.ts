import { concatBytes, toBytes } from './bytes.ts';
import type { CurlFlagName } from './curl-flags.ts';
import type { AskPorts } from './ports.ts';

/** Curl strips carriage returns, line feeds and NUL from what `-d @FILE` reads. */
function withoutLineEnds(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte) => byte !== 0x0d && byte !== 0x0a && byte !== 0);
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** Percent-encodes all but RFC 3986's unreserved characters; a space becomes `+`, as curl's --data-urlencode does. */
function encodeForm(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (char === ' ') text += '+';
    else if (byte < 0x80 && UNRESERVED.test(char)) text += char;
    else text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** The five forms of --data-urlencode: `content`, `=content`, `name=content`, `@file`, `name@file`. */
function encodeData(value: string, read: AskPorts['read']): Uint8Array {
  const at = value.search(/[=@]/);
  if (at === -1) return toBytes(encodeForm(toBytes(value)));
  const name = value.slice(0, at);
  const rest = value.slice(at + 1);
  const content = value[at] === '@' ? read(rest) : toBytes(rest);
  return toBytes(`${name === '' ? '' : `${name}=`}${encodeForm(content)}`);
}

/** The bytes that one data flag contributes. */
export function readData(flag: CurlFlagName, value: string, read: AskPorts['read']): Uint8Array {
  if (flag === '--data-urlencode') return encodeData(value, read);
  if (flag === '--data-raw' || !value.startsWith('@')) return toBytes(value);
  const bytes = read(value.slice(1));
  return flag === '--data-binary' || flag === '--json' ? bytes : withoutLineEnds(bytes);
}

/** Several data flags in a row: curl joins them with `&`, and pieces of JSON directly. */
export function joinData(pieces: readonly { readonly flag: CurlFlagName; readonly bytes: Uint8Array }[]): Uint8Array {
  return concatBytes(pieces.flatMap(({ flag, bytes }, index) => (index === 0 || flag === '--json' ? [bytes] : [toBytes('&'), bytes])));
}
