import { Buffer } from 'node:buffer';
import { hasNginx, isRoot, startLab } from '@why403/nginx/lab';
import { readReport } from '@why403/doctor/report';
import { describe, expect, it } from 'vitest';
import { rawIn } from './clear.ts';
import { answerWith, serveRaw } from './raw-server.ts';
import { why403 } from './why403.ts';

/** Colors, a title, a clipboard, a bell, both one-byte and UTF-8 CSI, bidi and zero-width marks, a return to the line's start. */
const HOSTILE = '\u001b[31mred\u001b]0;owned\u0007\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202etxt.exe\u2066\u200b\rOK 200\u0008\u007f';
const LATIN = Buffer.from(HOSTILE, 'utf8').toString('latin1');

/** In every form of output, nothing reaches the terminal raw, and JSON is JSON. */
async function expectTame(args: readonly string[], shows?: RegExp): Promise<void> {
  for (const form of [[], ['--quiet'], ['--json'], ['--no-proof', '--json']]) {
    const ended = await why403(['diagnose', ...form, ...args], { env: { WHY403_DEBUG: '1', NO_COLOR: '', FORCE_COLOR: '' } });
    expect(rawIn(ended), `${form.join(' ')}\n${JSON.stringify(ended)}`).toBeNull();
    expect(ended.code, ended.stderr).toBeLessThan(4);
    if (form.includes('--json')) readReport(ended.stdout);
    else if (form.length === 0 && shows !== undefined) expect(ended.stdout).toMatch(shows);
  }
}

describe('hostile servers', () => {
  it('in the reason, the fields and the body', async () => {
    const sly = LATIN.replaceAll('\r', '');
    await using server = await serveRaw(
      answerWith(
        `Server: nginx/1.2${sly}\r\nX-Evil: ${sly}\r\nSet-Cookie: a=${sly}\r\n`,
        `${LATIN}<hr><center>nginx/1.1${LATIN}</center>`,
        `403 ${sly}`,
      ),
    );
    await expectTame([`http://127.0.0.1:${server.port}/`]);
  });

  it('in a redirect that is followed', async () => {
    await using server = await serveRaw(answerWith(`Location: /${LATIN.replaceAll('\r', '')}\r\n`, '', '302 Found'));
    await expectTame(['-L', '--max-redirs', '2', `http://127.0.0.1:${server.port}/`]);
  });

  it('in what is no HTTP at all', async () => {
    await using server = await serveRaw((socket) => void socket.end(`${HOSTILE}\r\n\r\n`));
    await expectTame([`http://127.0.0.1:${server.port}/`]);
  });
});

describe.skipIf(!hasNginx)('hostile requests, files and configurations of a real nginx', () => {
  const path = `/private/${encodeURIComponent(HOSTILE)}/x`;

  it('in the path, the Referer and the User-Agent, which its logs repeat', async () => {
    await using lab = await startLab({
      tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
      http: ({ root, port, directory }) =>
        `log_format sly escape=none '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $uri';
access_log ${directory}/sly.log sly;
server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  location /private/ { deny all; }\n}\n`,
    });
    const sly = HOSTILE.replaceAll(/[\r\u0008\u007f]/g, '');
    await expectTame(
      ['-A', `agent ${sly}`, '-e', `http://a/${sly}`, '-H', `X-Sly: ${sly}`, `http://127.0.0.1:${lab.port(0)}${path}`],
      /\\x1b|%1b/i,
    );
  });

  it('in the names of the files on the way', async () => {
    await using lab = await startLab({
      tree: { [`private/${HOSTILE}/x`]: { type: 'file', text: 'ok\n', mode: 0o600 } },
      http: ({ root, port }) => `server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n}\n`,
    });
    await expectTame([`http://127.0.0.1:${lab.port(0)}${path}`], isRoot ? /\\x1b/ : undefined);
    await expectTame([`http://127.0.0.1:${lab.port(0)}/private/`]);
  });

  it('in the configuration around what decides', async () => {
    await using lab = await startLab({
      tree: { 'private/index.html': { type: 'file', text: 'ok\n' } },
      http: ({ root, port }) =>
        `server {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  # ${LATIN}\n  location ~ "^/private/|${LATIN.replaceAll(/[[\]\r\u0008]/g, '')}" {\n    # ${LATIN.replaceAll('\r', '')}\n    deny all; # ${LATIN.replaceAll('\r', '')}\n  }\n}\n`,
    });
    await expectTame([`http://127.0.0.1:${lab.port(0)}/private/`], /\\x1b/);
  });
});
