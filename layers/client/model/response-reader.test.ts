import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createResponseReader, type Reading } from './response-reader.ts';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
function readAll(pieces: readonly string[], method = 'GET') {
  const reader = createResponseReader(method);
  let reading: Reading = { state: 'head' };
  for (const piece of pieces) reading = reader.push(bytes(piece));
  const atEnd = reader.end();
  return { reading, atEnd, head: reader.head(), body: Array.from(reader.body(), (byte) => String.fromCharCode(byte)).join('') };
}

test('a length, chunks, or the end of the connection delimit the body', () => {
  expect(readAll(['HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\nX-Case: Kept\r\n\r\nno!rest'])).toMatchObject({
    reading: { state: 'done' },
    head: {
      status: 403,
      reason: 'Forbidden',
      headers: [
        ['Content-Length', '3'],
        ['X-Case', 'Kept'],
      ],
    },
    body: 'no!',
  });
  expect(readAll(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'])).toMatchObject({
    reading: { state: 'done' },
    body: 'abcde',
  });
  expect(readAll(['HTTP/1.0 200\n\nabc'])).toMatchObject({
    reading: { state: 'body' },
    atEnd: { state: 'done' },
    head: { reason: '' },
    body: 'abc',
  });
});

test('no body follows HEAD, 204 and 304; interim answers are skipped', () => {
  expect(readAll(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'], 'HEAD').reading).toEqual({ state: 'done' });
  expect(readAll(['HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n']).reading).toEqual({ state: 'done' });
  const reading = readAll(['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n']);
  expect(reading).toMatchObject({ reading: { state: 'done' }, head: { status: 204 } });
});

test.each<[string, string]>([
  ['SSH-2.0-OpenSSH\r\n', 'not-http'],
  ['\x15\x03\x03\x00\x02\x02\x28', 'not-http'],
  ['HTTP/1.1 abc\r\n\r\n', 'status-line'],
  ['HTTP/1.1 099 x\r\n\r\n', 'status-line'],
  ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'field-line'],
  ['HTTP/1.1 200 OK\r\n folded first\r\n\r\n', 'field-line'],
  ['HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n', 'field-line'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'content-length'],
  ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'content-length'],
  ['HTTP/1.1 200 OK\r\nX: y\r\n', 'cut-short'],
  ['HT', 'cut-short'],
  [`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(50_000)}`, 'head-too-large'],
  [`HTTP/1.1 200 ${'y'.repeat(300_000)}`, 'head-too-large'],
  ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(40), 'too-many-interim'],
])('%j is malformed: %s', (text, what) => {
  expect(readAll([text]).atEnd).toEqual({ state: 'malformed', what });
});

test('a head without end in many pieces is given up at the bound, in time', () => {
  const reader = createResponseReader('GET');
  let pieces = 0;
  reader.push(bytes('HTTP/1.1 200 OK\r\n'));
  while (reader.push(bytes('X: yyyy\r\n')).state === 'head') pieces += 1;
  expect(pieces).toBeLessThan(30_000);
});

test('a huge body is kept in part and then done', () => {
  const reader = createResponseReader('GET');
  reader.push(bytes('HTTP/1.1 200 OK\r\n\r\n'));
  const megabyte = new Uint8Array(1024 * 1024);
  expect(reader.push(megabyte)).toEqual({ state: 'done' });
  expect(reader.body().length).toBe(64 * 1024);
});

test('how the bytes are cut into pieces makes no difference', () => {
  const answers = [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\nContent-Length: 4\nX: a\n b\n\nabcd',
    'HTTP/1.1 404\r\n\r\nuntil the end',
    'HTTP/1.1 200 OK\r\nbroken\r\n\r\n',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.array(fc.nat(140), { maxLength: 12 }), (answer, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < answer.length).sort((a, b) => a - b), answer.length];
      const pieces = places.slice(1).map((to, index) => answer.slice(places[index], to));
      const { reading: _, ...whole } = readAll([answer]);
      const { reading: __, ...cut } = readAll(pieces);
      expect(cut).toEqual(whole);
    }),
  );
});

test('any bytes end in a reading and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, isPrefixed) => {
      const reader = createResponseReader('GET');
      if (isPrefixed) reader.push(bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'));
      reader.push(noise);
      expect(['head', 'body', 'done', 'malformed']).toContain(reader.end().state);
    }),
  );
});
