import { Fault } from '@why403/terms/fault';
import { concatBytes, toBytes } from './bytes.ts';
import type { AskPorts } from './ports.ts';

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly filename: string | null;
  readonly type: string | null;
}

/** The types curl knows by a file's ending (lib/mime.c); everything else is application/octet-stream. */
const TYPES: readonly (readonly [ending: string, type: string])[] = [
  ['.gif', 'image/gif'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain'],
  ['.htm', 'text/html'],
  ['.html', 'text/html'],
  ['.pdf', 'application/pdf'],
  ['.xml', 'application/xml'],
];

function typeByEnding(path: string): string {
  const lower = path.toLowerCase();
  return TYPES.find(([ending]) => lower.endsWith(ending))?.[1] ?? 'application/octet-stream';
}

/** Splits `content;type=…;filename=…`; a quoted content or file name may hold semicolons. */
function splitAttributes(text: string): { readonly content: string; readonly attributes: ReadonlyMap<string, string> } {
  const words = text.match(/"(?:[^"\\]|\\.)*"|[^;"]+|;/g) ?? [];
  const pieces: string[] = [''];
  for (const word of words) {
    if (word === ';') pieces.push('');
    else pieces[pieces.length - 1] += word.startsWith('"') ? word.slice(1, -1).replace(/\\(["\\])/g, '$1') : word;
  }
  const [content = '', ...rest] = pieces;
  const attributes = new Map<string, string>();
  let plain = content;
  for (const piece of rest) {
    const known = /^\s*(type|filename|headers|encoder)=(.*)$/s.exec(piece);
    if (known?.[1] !== undefined && known[2] !== undefined) attributes.set(known[1], known[2]);
    // what is no attribute belongs to the content or to the type: type=text/html;charset=utf-8
    else if (attributes.has('type')) attributes.set('type', `${attributes.get('type')};${piece}`);
    else plain += `;${piece}`;
  }
  return { content: plain, attributes };
}

function unsafe(what: string): Fault {
  return new Fault('usage/value-invalid', `The ${what} holds a line end.`, { where: { in: '--form' } });
}

/** One `-F` value: `name=text`, `name=@file`, `name=<file`, each with `;type=` and `;filename=`. */
export function readFormPart(flag: '--form' | '--form-string', value: string, read: AskPorts['read']): Part {
  const equals = value.indexOf('=');
  if (equals < 1) throw new Fault('usage/value-invalid', 'A part of a form is written name=content.', { where: { in: flag } });
  const name = value.slice(0, equals);
  const rest = value.slice(equals + 1);
  if (flag === '--form-string') return { name, bytes: toBytes(rest), filename: null, type: null };
  const { content, attributes } = splitAttributes(rest);
  const type = attributes.get('type') ?? null;
  const filename = attributes.get('filename') ?? null;
  if (/[\r\n]/.test(type ?? '')) throw unsafe('type');
  if (content.startsWith('<')) return { name, bytes: read(content.slice(1)), filename, type };
  if (!content.startsWith('@')) return { name, bytes: toBytes(content), filename, type };
  const path = content.slice(1);
  const shown = filename ?? path.slice(path.lastIndexOf('/') + 1);
  return { name, bytes: read(path), filename: shown, type: type ?? typeByEnding(shown) };
}

/** Names in Content-Disposition: quotes and line ends percent-encoded, as curl and browsers do (WHATWG HTML, multipart/form-data). */
function quoteName(text: string): string {
  return `"${text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}"`;
}

/** A multipart/form-data body (RFC 7578) and its Content-Type. */
export function writeForm(parts: readonly Part[], mark: string): { readonly body: Uint8Array; readonly contentType: string } {
  const boundary = `${'-'.repeat(24)}${mark}`;
  const chunks = parts.flatMap((part) => {
    const file = part.filename === null ? '' : `; filename=${quoteName(part.filename)}`;
    const type = part.type === null ? '' : `Content-Type: ${part.type}\r\n`;
    return [
      toBytes(`--${boundary}\r\nContent-Disposition: form-data; name=${quoteName(part.name)}${file}\r\n${type}\r\n`),
      part.bytes,
      toBytes('\r\n'),
    ];
  });
  return { body: concatBytes([...chunks, toBytes(`--${boundary}--\r\n`)]), contentType: `multipart/form-data; boundary=${boundary}` };
}
