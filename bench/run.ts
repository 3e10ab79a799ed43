import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNginx } from '@why403/nginx/copy/instance';
import { writeLargeConfiguration } from './large-configuration.ts';
import { machine, median, pair, peakOf, runOnce } from './measure.ts';
import { decisionsPerSecond } from './model.ts';

/** `npm run bench`: what the promises about speed come to, as ratios of one run; nothing here is asserted. */

const ROOT = join(import.meta.dirname, '..');
const WHY403 = [process.execPath, join(ROOT, 'dist', 'why403.js')];
const NGINX = '/usr/sbin/nginx';
const ROUNDS = 15;

const rows: { what: string; target: string; came: string; met: boolean | null }[] = [];

function row(what: string, target: string, came: string, met: boolean | null): void {
  rows.push({ what, target, came, met });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function smallSite(directory: string, port: number): string {
  chmodSync(directory, 0o755);
  for (const name of ['logs', 'temp', 'www/private']) mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, 'www/index.html'), 'ok\n');
  writeFileSync(join(directory, 'www/private/index.html'), 'ok\n');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/temp/${name};`);
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `pid ${directory}/nginx.pid;\nerror_log ${directory}/logs/error.log;\nevents {}\nhttp {\naccess_log ${directory}/logs/access.log;\n${temporary.join('\n')}\nserver {\nlisten 127.0.0.1:${port};\nroot ${directory}/www;\nlocation /private/ {\nallow 10.0.0.0/8;\ndeny all;\n}\n}\n}\n`,
  );
  return file;
}

async function versionAgainstNode(): Promise<void> {
  const { ratio, a, b } = pair([...WHY403, '--version'], [process.execPath, '-e', '0'], ROUNDS);
  row('why403 --version ÷ node -e 0', '2.5', `${ratio.toFixed(2)} (${a.toFixed(0)} ms, ${b.toFixed(0)} ms)`, ratio <= 2.5);
}

async function diagnosis(directory: string): Promise<void> {
  const port = await freePort();
  const configPath = smallSite(directory, port);
  const started = await startNginx({
    binary: NGINX,
    directory,
    configPath,
    errorLog: join(directory, 'logs/error.log'),
    ready: [{ host: '127.0.0.1', port }],
  });
  if (started.state !== 'running') throw new Error(`nginx does not start: ${started.output}`);
  try {
    const url = `http://127.0.0.1:${port}/private/`;
    const whole = [...WHY403, 'diagnose', '--json', url];
    const code = runOnce(whole).code;
    if (code !== 1) throw new Error(`the diagnosis of ${url} ended with ${code}`);
    const times = Array.from({ length: ROUNDS }, () => runOnce(whole).wall);
    row('a diagnosis with proof of a small site, wall', '1000 ms', `${median(times).toFixed(0)} ms`, median(times) <= 1000);
    const request = `const r=require('http').get(${JSON.stringify(url)},(m)=>m.resume())`;
    const { ratio, a, b } = pair([...whole, '--no-proof'], [process.execPath, '-e', request], ROUNDS);
    row('without proof ÷ node -e with one request', '2.5', `${ratio.toFixed(2)} (${a.toFixed(0)} ms, ${b.toFixed(0)} ms)`, ratio <= 2.5);
  } finally {
    await started.nginx.stop();
  }
}

async function largeConfiguration(directory: string): Promise<void> {
  const file = writeLargeConfiguration(directory, await freePort());
  const test = [NGINX, '-t', '-p', directory, '-c', file];
  if (spawnSync(NGINX, test.slice(1)).status !== 0) throw new Error('nginx does not take the large configuration');
  const ask = [
    ...WHY403,
    'diagnose',
    '--json',
    '--no-proof',
    '--nginx',
    file,
    '--from',
    '192.0.2.1',
    'http://host7.example/area42/page.html',
  ];
  const { ratio, a, b } = pair(ask, test, ROUNDS);
  row('20,000 lines, 5,000 locations ÷ nginx -t', '4', `${ratio.toFixed(2)} (${a.toFixed(0)} ms, ${b.toFixed(0)} ms)`, ratio <= 4);
  const peak = peakOf(ask);
  row(
    'the same, peak memory',
    '200 MB',
    peak === null ? 'not measured: /usr/bin/time is not installed' : `${peak.toFixed(0)} MB`,
    peak === null ? null : peak < 200,
  );
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'why403-bench-'));
  try {
    await versionAgainstNode();
    if (existsSync(NGINX)) {
      await diagnosis(directory);
      await largeConfiguration(mkdtempSync(join(directory, 'large-')));
    } else row('everything that needs nginx', '', 'not run: /usr/sbin/nginx is not installed', null);
    const rate = decisionsPerSecond();
    row('model alone, decisions a second on a typical site', '20,000', Math.round(rate).toLocaleString('en-US'), rate >= 20_000);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  process.stdout.write(`${machine()}\n`);
  for (const { what, target, came, met } of rows) {
    process.stdout.write(`${what}: ${came}; target ${target}${met === null ? '' : met ? ', met' : ', not met'}\n`);
  }
}

await main();
