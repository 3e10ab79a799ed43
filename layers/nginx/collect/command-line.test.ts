import { describe, expect, it } from 'vitest';
import { isNginx, readCommandLine, roleOf } from './command-line.ts';

const NOTHING = { configuration: null, prefix: null, globals: null, errorLog: null };

describe('readCommandLine', () => {
  it.each([
    [
      'an ordinary Debian master',
      ['nginx: master process /usr/sbin/nginx -g daemon on; master_process on;'],
      { program: '/usr/sbin/nginx', globals: 'daemon on; master_process on;' },
    ],
    [
      'every option in a title',
      ['nginx: master process nginx -c my site.conf -p /srv/a b -e /tmp/e.log -g worker_priority 1;'],
      { program: 'nginx', configuration: 'my site.conf', prefix: '/srv/a b', errorLog: '/tmp/e.log', globals: 'worker_priority 1;' },
    ],
    [
      'arguments without a title',
      ['/usr/sbin/nginx', '-c', '/my site.conf', '-qp/srv'],
      { program: '/usr/sbin/nginx', configuration: '/my site.conf', prefix: '/srv' },
    ],
    ['a value that looks like an option', ['nginx: master process nginx -c -g'], { program: 'nginx', configuration: '-g' }],
    ['the last of two', ['nginx', '-c', 'a', '-c', 'b'], { program: 'nginx', configuration: 'b' }],
    ['no options', ['nginx: master process nginx'], { program: 'nginx' }],
  ])('%s', (_, argv, expected) => {
    expect(readCommandLine(argv)).toEqual({ ...NOTHING, ...expected });
  });
});

it('a title tells the role', () => {
  const titles = [
    'nginx: master process x',
    'nginx: worker process',
    'nginx: worker process is shutting down',
    'nginx: cache manager process',
    '/usr/sbin/nginx',
  ];
  expect(titles.map((title) => roleOf([title]))).toEqual(['master', 'worker', 'leaving worker', 'helper', 'single']);
});

it('nginx is known by its title or its executable', () => {
  expect(isNginx(null, ['nginx: worker process'])).toBe(true);
  expect(isNginx('/usr/local/openresty/nginx/sbin/nginx (deleted)', ['x'])).toBe(true);
  expect(isNginx('/usr/bin/python3', ['python3', 'nginx.py'])).toBe(false);
  expect(isNginx(null, ['/opt/nginx/nginx-exporter'])).toBe(false);
});
