import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Paths that an nginx without root's rights needs to be told. */
export function temporaryPaths(directory: string): string {
  mkdirSync(join(directory, 'temp'), { recursive: true });
  const names = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return names.map((name) => `    ${name}_temp_path ${directory}/temp/${name};\n`).join('');
}

/** A site with one refusal, as most have. Answers with its configuration file. */
export function writeSmallSite(directory: string, port: number): string {
  chmodSync(directory, 0o755);
  for (const name of ['logs', 'www/private']) mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, 'www/index.html'), 'ok\n');
  writeFileSync(join(directory, 'www/private/index.html'), 'ok\n');
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `pid ${directory}/nginx.pid;
error_log ${directory}/logs/error.log;
events {}
http {
    access_log ${directory}/logs/access.log;
${temporaryPaths(directory)}    server {
        listen 127.0.0.1:${port};
        root ${directory}/www;
        location / { try_files $uri $uri/ =404; }
        location ~ /\\. { deny all; }
        location /private/ { allow 10.0.0.0/8; deny all; }
    }
}
`,
  );
  return file;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
