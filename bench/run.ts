import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNginx } from '@why403/nginx/copy/instance';
import { writeLargeConfiguration } from './large-configuration.ts';
import { figureOf, machine, pair, peakOf, runOnce } from './measure.ts';
import { decisionsPerSecond } from './model.ts';
import { missingRow, printRow, type Row, ratioRow, spread, wallRow } from './row.ts';
import { freePort, writeSmallSite } from './small-site.ts';

/** `npm run bench`: what the promises about speed come to, as ratios of one run; nothing here is asserted. */

const NODE = process.execPath;
/** As people start it: by its launcher, on the Node that runs this. */
const ROOT = join(import.meta.dirname, '..');
const WHY403 = join(ROOT, 'bin', 'why403');
const NGINX = '/usr/sbin/nginx';
const ROUNDS = 21;
const REFUSED = 1;

function startUp(): Row {
  return ratioRow('why403 --version ÷ node -e 0', 2.5, pair([WHY403, '--version'], [NODE, '-e', '0'], ROUNDS));
}

async function diagnoses(directory: string): Promise<readonly Row[]> {
  const port = await freePort();
  const configPath = writeSmallSite(directory, port);
  const errorLog = join(directory, 'logs/error.log');
  const started = await startNginx({ binary: NGINX, directory, configPath, errorLog, ready: [{ host: '127.0.0.1', port }] });
  if (started.state !== 'running') throw new Error(`nginx does not start: ${started.output}`);
  try {
    const url = `http://127.0.0.1:${port}/private/`;
    const whole = [WHY403, 'diagnose', '--json', url];
    const { code } = runOnce(whole);
    if (code !== REFUSED) throw new Error(`the diagnosis of ${url} ended with ${code}`);
    const walls = Array.from({ length: ROUNDS }, () => runOnce(whole).wall);
    const request = `require('http').get(${JSON.stringify(url)}, (answer) => answer.resume())`;
    return [
      wallRow('a diagnosis of a small site, with proof', 1000, figureOf(walls)),
      ratioRow('the same without proof ÷ node -e with one request', 2.5, pair([...whole, '--no-proof'], [NODE, '-e', request], ROUNDS)),
    ];
  } finally {
    await started.nginx.stop();
  }
}

async function largeConfiguration(directory: string): Promise<readonly Row[]> {
  const port = await freePort();
  const file = writeLargeConfiguration(directory, port);
  const test = [NGINX, '-t', '-q', '-p', directory, '-c', file];
  if (spawnSync(NGINX, test.slice(1)).status !== 0) throw new Error('nginx does not take the large configuration');
  const url = `http://host7.example:${port}/area42/page.html`;
  const ask = [WHY403, 'diagnose', '--json', '--no-proof', '--nginx', file, '--from', '192.0.2.1', url];
  const { code } = runOnce(ask);
  if (code !== REFUSED) throw new Error(`the diagnosis of ${url} ended with ${code}`);
  const memory = 'the same, peak of resident memory';
  const peak = peakOf(ask);
  return [
    ratioRow('a refusal among 5,000 locations in 20,000 lines ÷ nginx -t', 4, pair(ask, test, ROUNDS)),
    peak === null
      ? missingRow(memory, 'below 200 MB', '/usr/bin/time is not installed (Debian: apt install time)')
      : { what: memory, target: 'below 200 MB', came: `${peak.toFixed(0)} MB`, isMet: peak < 200 },
  ];
}

function model(): Row {
  const rates = figureOf(Array.from({ length: 5 }, () => decisionsPerSecond(600)));
  const what = 'decisions a second of the model alone, on a typical site';
  return { what, target: 'at least 20,000', came: spread(rates, 0), isMet: rates.median >= 20_000 };
}

/** Whether the launcher starts what was built; it runs the sources, slowly, once one of them is newer. */
function isBuilt(): boolean {
  const entry = join(ROOT, 'dist', 'why403.js');
  if (!existsSync(entry)) return false;
  const built = statSync(entry).mtimeMs;
  const sources = globSync('{decision,terms,layers,doctor,cli}/**/*.ts', { cwd: ROOT, exclude: (name) => name === 'node_modules' });
  return sources.every((file) => file.endsWith('.test.ts') || statSync(join(ROOT, file)).mtimeMs <= built);
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'why403-bench-'));
  const print = (row: Row): void => void process.stdout.write(printRow(row));
  process.stdout.write(`${machine()}\nMedians of ${ROUNDS} interleaved rounds, in brackets where the middle half of them lies.\n\n`);
  try {
    print(startUp());
    if (existsSync(NGINX)) {
      for (const row of await diagnoses(directory)) print(row);
      for (const row of await largeConfiguration(mkdtempSync(join(directory, 'large-')))) print(row);
    } else print(missingRow('diagnoses, and the large configuration', 'see docs/performance.md', `${NGINX} is not installed`));
    print(model());
    if (!isBuilt())
      process.stdout.write('\nThe sources are newer than the build, so some of this was measured without it: run it again.\n');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
