import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasNginx, InvalidConfiguration, startLab } from './server.ts';
import { isRoot } from './tree.ts';

describe.skipIf(!hasNginx)('a lab', () => {
  it('serves its tree and refuses what the worker may not read', async () => {
    await using lab = await startLab({
      tree: {
        'index.html': { type: 'file', text: 'hello' },
        'closed.html': { type: 'file', text: 'secret', mode: 0o000 },
      },
      http: ({ root, port }) => `server { listen 127.0.0.1:${port(0)}; root ${root}; }`,
    });
    expect(await lab.get('/')).toMatchObject({ status: 200, body: 'hello' });
    expect(await lab.get('/closed.html')).toMatchObject({ status: 403 });
    expect(lab.errorLog()).toContain('closed.html" failed (13: Permission denied)');
    expect(lab.accessLog()).toContain('"GET /closed.html HTTP/1.1" 403');
  });

  it('comes from the address it is told to come from', async () => {
    await using lab = await startLab({ http: ({ port }) => `server { listen 127.0.0.1:${port(0)}; return 200 $remote_addr; }` });
    expect((await lab.get('/', { from: '127.1.2.3' }))?.body).toBe('127.1.2.3');
  });

  it('sends exact bytes, reads chunks, and reports a wordless close as null', async () => {
    await using lab = await startLab({
      tree: { 'list/a': { type: 'file', text: 'a' } },
      http: ({ root, port }) =>
        `server { listen 127.0.0.1:${port(0)}; root ${root}; location / { autoindex on; } location /silent { return 444; } }`,
    });
    expect((await lab.ask('GET /list/ HTTP/1.1\r\nHost: x\r\n\r\n'))?.body).toContain('<a href="a">a</a>');
    expect((await lab.ask('HEAD /list/ HTTP/1.1\r\nHost: x\r\n\r\n'))?.status).toBe(200);
    expect((await lab.ask('GET /a b HTTP/1.1\r\n\r\n'))?.status).toBe(400);
    expect(await lab.get('/silent')).toBeNull();
  });

  it('listens on as many ports as it asked for', async () => {
    await using lab = await startLab({
      ports: 2,
      http: ({ port }) => `server { listen 127.0.0.1:${port(0)}; return 200 a; } server { listen 127.0.0.1:${port(1)}; return 200 b; }`,
    });
    expect([(await lab.get('/'))?.body, (await lab.get('/', { port: 1 }))?.body]).toEqual(['a', 'b']);
  });

  it('says in nginx’s words why a configuration is not taken, and leaves no folder behind', async () => {
    let directory = '';
    const lab = startLab({
      http: (places) => {
        directory = places.directory;
        return 'server { allow nowhere; }';
      },
    });
    await expect(lab).rejects.toThrow(InvalidConfiguration);
    await expect(lab).rejects.toThrow('invalid parameter "nowhere"');
    expect(existsSync(directory)).toBe(false);
  });

  it('is gone after it is stopped', async () => {
    const lab = await startLab({
      tree: { 'x/y': { type: 'directory', mode: 0 } },
      http: ({ port }) => `server { listen 127.0.0.1:${port(0)}; }`,
    });
    await lab.stop();
    expect(existsSync(lab.directory)).toBe(false);
    expect(lab.nginx.isAlive()).toBe(false);
    await lab.stop();
  });

  it.skipIf(!isRoot)('gives things to their owners', async () => {
    await using lab = await startLab({
      tree: {
        'mine.html': { type: 'file', text: 'ok', mode: 0o400, owner: 'www-data' },
        'theirs.html': { type: 'file', text: 'no', mode: 0o400, owner: 'nobody' },
      },
      http: ({ root, port }) => `server { listen 127.0.0.1:${port(0)}; root ${root}; }`,
    });
    expect((await lab.get('/mine.html'))?.status).toBe(200);
    expect((await lab.get('/theirs.html'))?.status).toBe(403);
  });
});
