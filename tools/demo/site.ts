import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepForCleanUp } from '@why403/nginx/copy/clean-up';
import { ROOT } from '../gen/catalog.ts';

/** A throw-away copy of examples/site with the damage that Git can't record. */
export interface Site {
  readonly root: string;
  readonly nginxConf: string;
  remove(): void;
}

const SITE_CONF = 'etc/nginx/sites-available/garden.conf';
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export function copySite(): Site {
  const root = mkdtempSync(join(tmpdir(), 'why403-demo-'));
  const forget = keepForCleanUp(() => remove(root));
  cpSync(join(ROOT, 'examples', 'site'), root, { recursive: true, verbatimSymlinks: true });
  chmodSync(root, 0o755);
  for (const folder of ['var/log/nginx', 'run']) mkdirSync(join(root, folder), { recursive: true });
  // What `chmod -R 644` does to a directory: its names can be read, and nothing in it can be reached.
  chmodSync(join(root, 'srv/www/garden/catalog/2026'), 0o644);
  return {
    root,
    nginxConf: join(root, 'etc/nginx/nginx.conf'),
    remove: () => {
      remove(root);
      forget();
    },
  };
}

function remove(root: string): void {
  // Not even its owner can delete what is in a directory without the search bit.
  chmodSync(join(root, 'srv/www/garden/catalog/2026'), 0o755);
  rmSync(root, { recursive: true, force: true });
}

/** Makes the copy's configuration servable from where it is, on loopback, by whoever runs this. */
export function rewire(site: Site, port: number): void {
  edit(join(site.root, SITE_CONF), (text) => text.replace(/listen .*default_server;/, `listen 127.0.0.1:${port} default_server;`));
  for (const file of [site.nginxConf, join(site.root, SITE_CONF)]) {
    edit(file, (text) => text.replace(/(?<= )\/(?=srv|var|run)/g, `${site.root}/`));
  }
  const paths = TEMPORARY.map((name) => `    ${name}_temp_path ${site.root}/run/${name};\n`);
  edit(site.nginxConf, (text) => text.replace('http {\n', `http {\n${paths.join('')}`));
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
