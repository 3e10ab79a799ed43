import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argvOf, readCommand } from './command.ts';

const words = (line: string): [string, ...string[]] => {
  const [program = '', ...rest] = line.split(' ');
  return [program, ...rest];
};

describe('a command of a fix', () => {
  test.each([
    ['chmod o+x /srv/www', ['/srv/www']],
    ['chmod -R u=rwX,go=rX /srv/www', ['/srv/www']],
    ['chmod -x /srv/a /srv/b', ['/srv/a', '/srv/b']],
    ['chmod 0755 -- /srv/a', ['/srv/a']],
    ['sudo chown -h www-data:www-data /srv/link', ['/srv/link']],
    ['chgrp www-data /srv/a', ['/srv/a']],
    ['setfacl -n -m u:33:r-x,m::r-x /srv/a', ['/srv/a']],
    ['setfacl --modify=u:www-data:x /srv/a', ['/srv/a']],
    ['mkdir -p -m 0750 /srv/new', ['/srv/new']],
    ['install -m 640 -o root -g www-data /dev/null /etc/nginx/htpasswd', ['/etc/nginx/htpasswd']],
  ])('%s is understood', (line, paths) => {
    const command = readCommand(words(line));
    expect(command).toMatchObject({ kind: 'files', paths });
    if (command.kind !== 'files') return;
    const argv = argvOf(command, (path) => `/copy${path}`);
    for (const path of paths) expect(argv).toContain(`/copy${path}`);
    expect(argv).not.toContain(paths[0]);
  });

  test.each([
    'nginx -s reload',
    '/usr/sbin/nginx -c /etc/x.conf -s reload',
    'systemctl reload nginx',
    'service nginx reload',
    'kill -HUP 812',
    'nginx -t',
  ])('%s is a reload', (line) => {
    expect(readCommand(words(line))).toEqual({ kind: 'reload' });
  });

  test.each([
    'rm -rf /srv',
    'sh -c true',
    'chmod --reference=/etc/shadow /srv/a',
    'chmod o+x srv/www',
    'chmod o+x /srv/../etc',
    'chmod o+x',
    'chmod nonsense /srv',
    'setfacl --restore=/tmp/x',
    'setfacl -M /tmp/x /srv',
    'chown root;id /srv',
    'install -m 644 /etc/shadow /srv/www/x',
    'nginx -s stop',
    'kill -9 1',
    '__proto__ /srv',
  ])('%s is refused', (line) => {
    expect(readCommand(words(line)).kind).toBe('refused');
  });

  test('never leads anything outside of where it is led', () => {
    const programs = fc.constantFrom('chmod', 'chown', 'chgrp', 'setfacl', 'mkdir', 'touch', 'install', 'rm');
    const word = fc.oneof(
      fc.constantFrom('-R', '-m', '-h', '--', 'o+x', 'root', 'u:1:r', '/dev/null', '/a/b', '../x', '/a/../b', '-f'),
      fc.string(),
    );
    fc.assert(
      fc.property(programs, fc.array(word), (program, rest) => {
        const command = readCommand([program, ...rest]);
        if (command.kind !== 'files') return;
        expect(command.paths.length).toBeGreaterThan(0);
        const led = argvOf(command, (path) => `/copy${path}`).filter((one) => one.startsWith('/'));
        expect(led.every((one) => (one.startsWith('/copy/') || one === '/dev/null') && !one.includes('/../'))).toBe(true);
      }),
    );
  });
});
