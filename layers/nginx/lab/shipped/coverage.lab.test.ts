import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, treeOf, USUAL_ACCOUNTS } from '@why403/filesystem';
import { describe, expect, it } from 'vitest';
import { compile } from '../../model/compile.ts';
import { assemble, type Configuration, descendants, type Directive, parse, type SourceFile } from '../../model/syntax/index.ts';
import type { ModelRequest, World } from '../../model/trace.ts';
import { walk } from '../../model/walk.ts';

const CACHE = join(import.meta.dirname, '..', '..', '..', '..', '.cache', 'debian');
/** What other packages include: fastcgi_params, snippets and the like. */
const COMMON = join(CACHE, 'nginx-common', 'etc', 'nginx');
const listed = readFileSync(join(import.meta.dirname, 'files.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replace(' ', '/'))
  .filter((path) => existsSync(join(CACHE, path)));

const MAIN = '/etc/nginx/nginx.conf';
const SITE = '/etc/nginx/site.conf';

/** The frame in which a shipped file is meant to stand, by what it holds at its top. */
function frameFor(names: ReadonlySet<string>): string | null {
  if (names.has('http') || names.has('events')) return null;
  if (names.has('server') || names.has('upstream') || names.has('map') || names.has('log_format'))
    return `events {}\nhttp {\ninclude ${SITE};\n}\n`;
  if (names.has('location')) return `events {}\nhttp {\nserver {\nlisten 80;\nroot /srv/www;\ninclude ${SITE};\n}\n}\n`;
  return null;
}

function configurationOf(path: string): Configuration | null {
  const text = readFileSync(join(CACHE, path), 'latin1');
  const alone = parse(text, SITE, { real: SITE, encoding: 'latin1' });
  if ('error' in alone) return null;
  const names = new Set(alone.ok.directives.map(({ name }) => name));
  if (!names.has('http') && frameFor(names) === null) return null;
  const files = new Map<string, SourceFile>([[SITE, alone.ok]]);
  const frame = frameFor(names);
  const main = frame === null ? SITE : MAIN;
  if (frame !== null) add(files, MAIN, frame);
  const assembled = assemble(main, '/etc/nginx', files, (pattern) => {
    if (pattern === SITE) return { paths: [SITE] };
    const relative = pattern.replace(/^\/etc\/nginx\//, '');
    const found = relative.startsWith('/') ? [] : globSync(relative, { cwd: COMMON });
    for (const name of found) add(files, `/etc/nginx/${name}`, readFileSync(join(COMMON, name), 'latin1'));
    // A pattern that fits nothing is fine for nginx, a plain name that isn't there is not: then it is unknown.
    return found.length > 0 || /[*?[]/.test(pattern)
      ? { paths: found.map((name) => `/etc/nginx/${name}`) }
      : { why: 'no package here ships it' };
  });
  return 'ok' in assembled ? assembled.ok : null;
}

function add(files: Map<string, SourceFile>, path: string, text: string): void {
  const parsed = parse(text, path, { real: path, encoding: 'latin1' });
  if ('ok' in parsed) files.set(path, parsed.ok);
}

/** Targets that a configuration was written for: each prefix or exact location, and a few beside. */
function targetsOf(configuration: Configuration): readonly string[] {
  const locations = descendants(configuration.directives).filter((one) => one.name === 'location');
  const written = locations.flatMap((one) =>
    one.args.length === 1 || one.args[0] === '=' || one.args[0] === '^~' ? [one.args.at(-1) ?? '/'] : [],
  );
  const scripts = locations.some((one) => one.args.some((arg) => arg.includes('php'))) ? ['/index.php'] : [];
  return [...new Set(['/', '/index.html', '/missing', '/.htaccess', ...scripts, ...written.filter((path) => path.startsWith('/'))])];
}

function requestsOf(configuration: Configuration): readonly ModelRequest[] {
  const servers = descendants(configuration.directives).filter((one) => one.name === 'server' && one.parent?.name === 'http');
  return servers.flatMap((server) => targetsOf(configuration).map((target) => requestTo(server, target)));
}

function requestTo(server: Directive, target: string): ModelRequest {
  const listen = server.block?.find((one) => one.name === 'listen')?.args ?? ['80'];
  const port = Number(/^(?:.*:)?(\d+)$/.exec(listen[0] ?? '')?.[1] ?? '80');
  const isTls = listen.includes('ssl') || server.block?.some((one) => one.name === 'ssl' && one.args[0] === 'on') === true;
  const host = server.block?.find((one) => one.name === 'server_name')?.args[0] ?? 'example.test';
  return {
    method: 'GET',
    target,
    httpVersion: '1.1',
    headers: [
      ['Host', host.replace(/^[~*.]+/, 'www.')],
      ['User-Agent', 'Mozilla/5.0'],
    ],
    peer: { address: '127.0.0.1', port: 40_000 },
    local: { address: /^\d+\./.test(listen[0] ?? '') ? (listen[0] ?? '').replace(/:\d+$/, '') : '127.0.0.1', port },
    tls: isTls ? { serverName: host, clientVerify: 'NONE' } : null,
    time: 1_700_000_000,
  };
}

function worldOf(): World {
  const worker = identityOf(USUAL_ACCOUNTS, 'www-data');
  if (worker === null) throw new Error('no www-data');
  const tree = treeOf({ '/srv/www/index.html': '-rw-r--r-- root root', '/var/www/html/index.html': '-rw-r--r-- root root' });
  return { tree, worker, verifyPassword: () => null, md5: () => null, upstream: () => 200, authRequest: () => null, modules: null };
}

describe.skipIf(listed.length === 0)("the model's coverage of what Debian packages ship", () => {
  it('is determinate for at least 90 % of the requests they were written for', () => {
    const missing = new Map<string, number>();
    let [files, asked, determinate, whole] = [0, 0, 0, 0];
    for (const path of listed) {
      const configuration = configurationOf(path);
      const requests = configuration === null ? [] : requestsOf(configuration);
      if (configuration === null || requests.length === 0) continue;
      files += 1;
      const plan = compile(configuration, { user: 'www-data' });
      const before = determinate;
      for (const request of requests) {
        const { answer } = walk(plan, request, worldOf());
        if (answer.state === 'answered') determinate += 1;
        else
          for (const one of answer.missing)
            missing.set(`${path.split('/')[0] ?? ''}: ${one}`, (missing.get(`${path.split('/')[0] ?? ''}: ${one}`) ?? 0) + 1);
      }
      asked += requests.length;
      if (determinate - before === requests.length) whole += 1;
    }
    process.stdout.write(
      `shipped configurations: ${files} files with servers or locations, ${asked} requests, ${((100 * determinate) / asked).toFixed(1)} % determinate; ${whole} files wholly\n${[...missing].map(([what, count]) => `  undetermined ${count}: ${what}`).join('\n')}\n`,
    );
    expect(files).toBeGreaterThanOrEqual(15);
    expect(determinate / asked).toBeGreaterThanOrEqual(0.9);
  });
});
