import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs the built command line once, so that what V8 compiles of it is kept before somebody waits for it. It asks a server of our own that
 * refuses everything, and explains that by a configuration that would too. Whatever goes wrong costs speed only.
 */
export async function warmUp(entry: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'why403-warm-up-'));
  const server = createServer((_request, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') return;
    const configuration = join(directory, 'nginx.conf');
    writeFileSync(configuration, configurationText(address.port, directory));
    const url = `http://127.0.0.1:${address.port}/private/`;
    const argv = [entry, 'diagnose', '--json', '--no-proof', '--probe', '--nginx', configuration, url];
    await once(spawn(process.execPath, argv, { stdio: 'ignore', timeout: 20_000 }), 'exit');
  } catch {
    // No loopback, or no process to be had: then the first diagnosis that somebody asks for is the slower one.
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function configurationText(port: number, directory: string): string {
  return `user root;
events {}
http {
    server {
        listen 127.0.0.1:${port};
        root ${directory};
        location / { try_files $uri $uri/ =404; }
        location ~ /\\. { deny all; }
        location /private/ { allow 10.0.0.0/8; deny all; }
    }
}
`;
}
