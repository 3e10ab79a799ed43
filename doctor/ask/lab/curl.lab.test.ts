import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askPorts, probe } from '@why403/client';
import { isFault } from '@why403/terms/fault';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askUrl } from '../ask-url.ts';
import { findCurlFlag, type GivenFlag } from '../curl-flags.ts';

/** Runs curl with nothing of this machine's own settings; null when there is none. */
function curl(words: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn('curl', ['-q', '-sS', '--max-time', '5', '-o', '/dev/null', ...words], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '' },
    });
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
}
const hasCurl = (await curl(['--version'])) !== null;

let received = '';
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
    // everything sent here is small: the whole request is there when its length says so
    const [head = '', body = ''] = received.split(/\r\n\r\n(.*)/s);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (received.includes('\r\n\r\n') && body.length >= length)
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
});
let port = 0;
const directory = mkdtempSync(join(tmpdir(), 'why403-curl-lab-'));
const file = join(directory, 'body.txt');
beforeAll(async () => {
  writeFileSync(file, 'one\r\ntwo\n');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

function flags(words: readonly string[]): readonly GivenFlag[] {
  const given: GivenFlag[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const flag = findCurlFlag(words[at] ?? '');
    if (flag === null) throw new Error(`no flag ${words[at]}`);
    given.push({ name: flag.long, value: flag.value === null ? null : (words[(at += 1)] ?? null) });
  }
  return given;
}

/** What differs on purpose or by chance: the program's own name, a boundary, and codings not every curl has. */
function level(text: string): string {
  return text
    .replace(/^User-Agent: (?:curl\/|why403\/)[^\r\n]*/m, 'User-Agent: *')
    .replace(/^Accept-Encoding: deflate[^\r\n]*/m, 'Accept-Encoding: *')
    .replace(/-{24}[A-Za-z0-9]{16,24}/g, '----*')
    .replace(/^Content-Length: \d+(?=\r\nContent-Type: multipart)/m, 'Content-Length: *')
    .replace(/^Proxy-Connection: [^\r\n]*\r\n/m, '');
}

const U = 'http://127.0.0.1:PORT';
test
  .skipIf(!hasCurl)
  .each<readonly [string, ...string[]]>([
    [U],
    ['127.0.0.1:PORT/a'],
    [`${U}?x=1`],
    [`${U}/a/../b/./c?x=/../y`],
    [`${U}/a/%2e%2e/b/..`],
    [`${U}//a//../b`],
    [`${U}/ä?ö=€`],
    [`${U}/a\\b"<>^\`|'`],
    ['http:///127.1:PORT/'],
    ['http://u:p%40ss@127.0.0.1:PORT/x#y'],
    [`${U}/a/../b`, '--path-as-is'],
    [U, '-H', 'X-A;', '-H', 'Accept:', '-H', 'User-Agent: me', '-H', 'Host: other', '-H', 'nocolon'],
    [U, '-A', '', '-H', 'X-Case: Kept', '-H', 'x-case: again'],
    [U, '-A', 'x', '-H', 'user-agent: y'],
    [U, '-b', 'a=1; b=2', '-b', 'c=3', '-e', 'http://r/', '-u', 'a:b', '--compressed', '-H', 'X-1: 2', '-r', '0-5'],
    [U, '-u', 'a:b', '-H', 'Authorization: Bearer z', '-b', 'a=b', '-H', 'Cookie: z=1'],
    [U, '--oauth2-bearer', 'tok'],
    [U, '-d', 'a=1', '-d', 'b=2'],
    [U, '-d', '@FILE'],
    [U, '--data-binary', '@FILE', '-H', 'Content-Type: text/x'],
    [U, '--data-raw', '@x', '-X', 'PUT'],
    [U, '-d', 'x', '-H', 'Content-Type:'],
    [`${U}/?q`, '-G', '-d', 'a=1', '--data-urlencode', 'b=c d&é'],
    [U, '--data-urlencode', 'a=b c&d', '--data-urlencode', '=x y', '--data-urlencode', 'n@FILE'],
    [U, '--json', '{"a":1}'],
    [U, '-F', 'a=b', '-F', 'f=@FILE', '-F', 'g=hi;type=text/html;filename="q z.htm"', '--form-string', 's=@no'],
    [`${U}/dir/`, '-T', 'FILE'],
    [U, '-I'],
    [U, '-X', 'OPTIONS', '--request-target', '*'],
    [U, '-0'],
    ['http://ex.test/a?b', '-x', '127.0.0.1:PORT', '-U', 'u:p'],
    ['http://ex.test:PORT/a', '--resolve', 'ex.test:PORT:127.0.0.1'],
  ])('%j goes over the wire as curl sends it', async (...words) => {
  const [url = '', ...rest] = words.map((word) => word.replaceAll('PORT', String(port)).replaceAll('FILE', file));
  received = '';
  expect(await curl(['-g', ...rest, url])).toBe(0);
  const wanted = level(received);
  received = '';
  const ports = { ...askPorts('1'), environment: {} };
  const asked = askUrl(url, flags(rest), { maySend: true, hasEvidence: false, mayProbe: false }, ports);
  if (isFault(asked)) throw asked;
  await probe(asked.question, asked.plan, ['127.0.0.1']);
  expect(level(received)).toBe(wanted);
});
