import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryPaths } from './small-site.ts';

/** Writes a valid configuration of 20,000 lines with 5,000 locations in 50 servers, all on one port. */
export function writeLargeConfiguration(directory: string, port: number): string {
  // mkdtemp makes folders that no worker may enter, which would be a second refusal.
  chmodSync(directory, 0o755);
  for (const name of ['logs', 'site']) mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, 'site', 'index.html'), 'ok\n');
  const servers = Array.from({ length: 50 }, (_, server) => serverText(server, port, directory));
  const head = `pid ${directory}/nginx.pid;\nerror_log ${directory}/logs/error.log;\nevents {}\n`;
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, `${head}http {\n    access_log off;\n${temporaryPaths(directory)}${servers.join('')}}\n`);
  return file;
}

function serverText(server: number, port: number, directory: string): string {
  const locations = Array.from({ length: 100 }, (_, index) => locationText(index));
  return `    server {\n        listen 127.0.0.1:${port};\n        server_name host${server}.example;\n        root ${directory}/site;\n${locations.join('')}    }\n`;
}

function locationText(index: number): string {
  const head =
    index % 10 === 0 ? `location ~ ^/r${index}/[a-z]+\\.php$` : index % 10 === 1 ? `location = /exact${index}` : `location /area${index}/`;
  return `        ${head} {\n            allow 10.${index}.0.0/16;\n            deny all;\n        }\n`;
}
