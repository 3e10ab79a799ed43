import { Fault } from '@why403/terms/fault';
import type { Headers } from '@why403/terms/request';
import { joinData, readData } from './data.ts';
import type { Draft } from './draft.ts';
import { readFormPart, writeForm } from './form.ts';
import type { AskPorts } from './ports.ts';

/** What the data flags come to. */
export interface Content {
  readonly body: Uint8Array | null;
  /** The method curl takes by itself for this. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Content-Length and Content-Type, in curl's order. */
  readonly fields: Headers;
  /** Fields that a flag stands for, as if the person had given them: those of --json. */
  readonly implied: Headers;
  /** What --get adds to the query. */
  readonly query: string | null;
  /** The file name that --upload-file adds to a URL ending in a slash. */
  readonly uploadName: string | null;
}

const NOTHING: Content = { body: null, method: 'GET', fields: [], implied: [], query: null, uploadName: null };
const DATA = ['--data', '--data-ascii', '--data-raw', '--data-binary', '--data-urlencode', '--json'] as const;

const JSON_FIELDS: Headers = [
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json'],
];

/** Curl writes the escapes of what it adds to a query in lower case. */
function lowerEscapes(query: string): string {
  return query.replace(/%[0-9A-Fa-f]{2}/g, (escape) => escape.toLowerCase());
}

function withBody(body: Uint8Array, method: 'POST' | 'PUT', contentType: string | null, more: Partial<Content> = {}): Content {
  const type: Headers = contentType === null ? [] : [['Content-Type', contentType]];
  return { ...NOTHING, body, method, fields: [['Content-Length', String(body.length)], ...type], ...more };
}

/** Reads -d and its kin, -F, -T, -G and -I together: each of them alone decides the method. */
export function readContent(draft: Draft, ports: AskPorts): Content {
  const hasData = draft.has(...DATA);
  const hasForm = draft.has('--form', '--form-string');
  const isHead = draft.has('--head');
  const isQuery = draft.has('--get');
  const asked = [hasData && !isQuery, hasForm, draft.has('--upload-file'), isHead].filter(Boolean).length;
  if (asked > 1) {
    throw new Fault('usage/conflict', 'Only one of --data, --form, --upload-file and --head can choose the request.', {
      hint: 'With --get the data goes into the query, which --head allows.',
    });
  }
  if (hasForm) {
    const parts = draft
      .all('--form', '--form-string')
      .map(({ name, value }) => readFormPart(name === '--form' ? name : '--form-string', value, ports.read));
    const form = writeForm(parts, ports.mark);
    return withBody(form.body, 'POST', form.contentType);
  }
  const upload = draft.last('--upload-file');
  if (upload !== null) {
    const sent = withBody(ports.read(upload), 'PUT', null, { uploadName: upload.slice(upload.lastIndexOf('/') + 1) });
    // curl asks first whether an upload is welcome; the probe sends it without waiting (RFC 9110 §10.1.1)
    return { ...sent, fields: [...sent.fields, ['Expect', '100-continue']] };
  }
  if (!hasData) return isHead ? { ...NOTHING, method: 'HEAD' } : NOTHING;
  const data = joinData(draft.all(...DATA).map(({ name, value }) => ({ flag: name, bytes: readData(name, value, ports.read) })));
  if (isQuery) return { ...NOTHING, method: isHead ? 'HEAD' : 'GET', query: lowerEscapes(new TextDecoder().decode(data)) };
  if (draft.has('--json')) return withBody(data, 'POST', null, { implied: JSON_FIELDS });
  return withBody(data, 'POST', 'application/x-www-form-urlencoded');
}
