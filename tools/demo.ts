import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { type NginxInstance, startNginx } from '@why403/nginx/copy/instance';
import { copySite, rewire, type Site } from './demo/site.ts';
import { ROOT } from './gen/catalog.ts';

/** `npm run demo`: two requests that a small site refuses, and what why403 says about them. */

const REFUSED = ['/private/', '/catalog/2026/spring.html'];
const CAUSE_FOUND = 1;
const NGINX = ['/usr/sbin', '/usr/local/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]
  .map((folder) => join(folder, 'nginx'))
  .find((path) => existsSync(path));

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
}

/** Runs bin/why403 as a person would, and tells whether it found a cause. */
async function diagnose(args: readonly string[]): Promise<boolean> {
  say(`\n$ bin/why403 diagnose ${args.join(' ')}\n`);
  const child = spawn(join(ROOT, 'bin', 'why403'), ['diagnose', ...args], { cwd: ROOT, stdio: 'inherit' });
  const [status] = await once(child, 'exit');
  return status === CAUSE_FOUND;
}

async function serve(site: Site): Promise<{ readonly nginx: NginxInstance; readonly port: number } | string> {
  if (NGINX === undefined) return 'nginx is not installed';
  const port = await freePort();
  rewire(site, port);
  const started = await startNginx({
    binary: NGINX,
    directory: site.root,
    configPath: site.nginxConf,
    errorLog: join(site.root, 'var/log/nginx/error.log'),
    ready: [{ host: '127.0.0.1', port }],
  });
  if (started.state === 'failed') return `nginx does not start here (${started.output.trim().split('\n').at(-1) ?? 'it says nothing'})`;
  return { nginx: started.nginx, port };
}

async function onServer(port: number): Promise<boolean> {
  say(`A private nginx serves a copy of examples/site on 127.0.0.1:${port}.`);
  let allFound = true;
  for (const path of REFUSED) allFound = (await diagnose([`http://127.0.0.1:${port}${path}`])) && allFound;
  return allFound;
}

async function byModel(site: Site, why: string): Promise<boolean> {
  say(`This is by model alone, without asking a server: ${why}.`);
  const evidence = ['--nginx', site.nginxConf, '--root', site.root];
  let allFound = true;
  for (const path of REFUSED) allFound = (await diagnose([`http://garden.example${path}`, ...evidence])) && allFound;
  return allFound;
}

async function demo(): Promise<boolean> {
  let site = copySite();
  try {
    const served = await serve(site);
    if (typeof served !== 'string') {
      try {
        return await onServer(served.port);
      } finally {
        await served.nginx.stop();
      }
    }
    // The copy may have been rewired for a server that then didn't start.
    site.remove();
    site = copySite();
    return await byModel(site, served);
  } finally {
    site.remove();
  }
}

if (!(await demo())) {
  say('\nThe demo expected a cause for each of these, and did not get it.');
  process.exitCode = 1;
}
