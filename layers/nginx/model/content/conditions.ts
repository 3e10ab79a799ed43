import { header } from '@why403/terms/request';
import { doubt, fail, type Journey, LOST, note, type Turn } from '../journey.ts';

type Sent = Extract<Turn, { kind: 'sent' }>;

/** What a 200 is about: a file with a size, or something without times and tags. */
export interface Entity {
  readonly path: string;
  readonly size: number;
  /** The static module offers ranges, gzip_static doesn't. */
  readonly hasRanges: boolean;
}

/**
 * What the request's conditions and ranges make of a 200 (the not_modified and range filters): 304, 412, 206
 * or 416. Modification times are not known, so that some stay undetermined.
 */
export function applyConditions(journey: Journey, sent: Sent): Turn {
  const status = journey.errorStatus === 0 ? sent.status : journey.errorStatus;
  if (status !== 200 || journey.isSubrequest || sent.source === 'upstream') return sent;
  const entity = sent.source === 'file' ? journey.entity : null;
  const filtered = notModified(journey, entity, sent) ?? ranged(journey, entity, sent) ?? sent;
  // The filters replace the status for good.
  if (filtered !== sent && filtered.kind === 'sent') journey.errorStatus = 0;
  return filtered;
}

type Verdict = 'yes' | 'no' | 'unknown';

function notModified(journey: Journey, entity: Entity | null, sent: Sent): Turn | null {
  const field = (name: string) => header(journey.request.headers, name);
  const unmodifiedSince = field('if-unmodified-since');
  if (unmodifiedSince !== undefined) {
    const holds: Verdict = entity === null ? 'no' : compareTime(unmodifiedSince) === 'invalid' ? 'no' : 'unknown';
    if (holds === 'unknown') return unknown(journey, 'If-Unmodified-Since', entity);
    return fail(journey, 412, null, 'If-Unmodified-Since does not hold');
  }
  const match = field('if-match');
  if (match !== undefined) {
    const holds = hasTag(journey, match, entity, false);
    if (holds === 'unknown') return unknown(journey, 'If-Match', entity);
    if (holds === 'no') return fail(journey, 412, null, 'If-Match does not hold');
  }
  const modifiedSince = field('if-modified-since');
  const noneMatch = field('if-none-match');
  if (modifiedSince === undefined && noneMatch === undefined) return null;
  const isSame: Verdict = modifiedSince === undefined ? 'yes' : isUnmodified(journey, modifiedSince, entity);
  if (isSame === 'no') return null;
  const isTagged: Verdict = noneMatch === undefined ? 'yes' : hasTag(journey, noneMatch, entity, true);
  if (isTagged === 'no') return null;
  if (isSame === 'unknown' || isTagged === 'unknown')
    return unknown(journey, modifiedSince === undefined ? 'If-None-Match' : 'If-Modified-Since', entity);
  return { ...sent, status: 304, what: null, by: note(journey, null, 'the client has it already: 304') };
}

function unknown(journey: Journey, condition: string, entity: Entity | null): Turn {
  const path = entity?.path ?? 'the file';
  doubt(journey, null, `${path} can be read; the answer hangs on ${condition}`, `the modification time of ${path}`);
  return LOST;
}

function isUnmodified(journey: Journey, since: string, entity: Entity | null): Verdict {
  // ngx_http_test_if_modified: without a time everything is modified, and so it is with if_modified_since off.
  if (entity === null || journey.scope.settings.ifModifiedSince === 'off') return 'no';
  return compareTime(since) === 'invalid' ? 'no' : 'unknown';
}

/** An HTTP date at all; anything else never equals a time. */
function compareTime(text: string): 'valid' | 'invalid' {
  return /^[A-Za-z]{3,9},? /.test(text) && !Number.isNaN(Date.parse(text)) ? 'valid' : 'invalid';
}

/** ngx_http_test_if_match: nginx's tags are `"MTIME-SIZE"` in hexadecimal, so that the size alone may exclude one. */
function hasTag(journey: Journey, list: string, entity: Entity | null, isWeak: boolean): Verdict {
  if (list === '*') return 'yes';
  if (entity === null || !journey.scope.settings.isEtag) return 'no';
  const size = entity.size.toString(16);
  const tags = list.split(',').map((tag) => tag.trim());
  return tags.some((tag) => new RegExp(`^${isWeak ? '(?:W/)?' : ''}"[0-9a-f]+-${size}"`).test(tag)) ? 'unknown' : 'no';
}

function ranged(journey: Journey, entity: Entity | null, sent: Sent): Turn | null {
  const range = header(journey.request.headers, 'range');
  const { maxRanges, filters } = journey.scope.settings;
  if (entity === null || !entity.hasRanges || range === undefined || maxRanges === 0 || !/^bytes=./is.test(range)) return null;
  const condition = header(journey.request.headers, 'if-range');
  const mayChange = filters[0];
  if (mayChange !== undefined || (condition !== undefined && !isForeign(condition, entity))) {
    const missing =
      mayChange === undefined
        ? `the modification time of ${entity.path}`
        : `whether ${mayChange.name} changes ${entity.path}, so that ranges are off`;
    doubt(journey, mayChange ?? null, `${entity.path} can be read; the answer hangs on Range`, missing);
    return LOST;
  }
  if (condition !== undefined) return null;
  switch (parseRanges(range.slice('bytes='.length), entity.size, maxRanges)) {
    case 'partial':
      return { ...sent, status: 206, what: null, by: note(journey, null, 'the range asked for is sent: 206') };
    case 'unsatisfiable':
      return {
        kind: 'status',
        status: 416,
        by: note(journey, null, 'the range asked for lies outside the file: 416'),
        source: 'error',
        what: null,
      };
    case 'ignored':
      return null;
  }
}

/** An If-Range that can't be this file's tag or time. */
function isForeign(condition: string, { size }: Entity): boolean {
  if (condition.endsWith('"') && condition.length >= 2) return !new RegExp(`^"[0-9a-f]+-${size.toString(16)}"$`).test(condition);
  return compareTime(condition) === 'invalid';
}

/** ngx_http_range_parse. */
export function parseRanges(text: string, length: number, most: number): 'partial' | 'unsatisfiable' | 'ignored' {
  let count = 0;
  let size = 0;
  let left = most;
  for (const part of text.split(',')) {
    const [, suffix, first = '', last = ''] = /^ *(?:-(\d+) *|(\d+) *- *(\d*) *)$/.exec(part) ?? [];
    if (suffix === undefined && first === '') return 'unsatisfiable';
    const asked = Number(suffix ?? last);
    const start = suffix === undefined ? Number(first) : asked < length ? length - asked : 0;
    const upTo = suffix !== undefined ? length - 1 : last === '' ? length - 1 : asked;
    const end = upTo >= length ? length : upTo + 1;
    if (start < end) {
      count += 1;
      size += end - start;
      if (left === 0) return 'ignored';
      left -= 1;
    } else if (start === 0) return 'ignored';
  }
  if (count === 0) return 'unsatisfiable';
  return size > length ? 'ignored' : 'partial';
}
