import { describe, expect, it } from 'vitest';
import { buildFromText, hasModule, readBuild } from './build.ts';

describe('buildFromText', () => {
  it('takes nginx’s own defaults for what configure was not told', () => {
    expect(buildFromText('nginx version: nginx/1.27.0 (Ubuntu)\nconfigure arguments:\n')).toEqual({
      product: 'nginx',
      version: '1.27.0',
      options: [],
      prefix: '/usr/local/nginx/',
      main: '/usr/local/nginx/conf/nginx.conf',
      errorLog: '/usr/local/nginx/logs/error.log',
      accessLog: '/usr/local/nginx/logs/access.log',
      user: 'nobody',
      group: null,
    });
  });

  it('knows descendants, quotes and relative paths, among other bytes', () => {
    const text =
      "\0\u0001nginx version: openresty/1.21.4.3\n\0junk\0configure arguments: --prefix=/opt/or/nginx --with-cc-opt='-O2 -g' --conf-path=conf/n.conf --error-log-path=stderr --user=www --without-http_access_module --with-stream=dynamic\n\0more";
    const build = buildFromText(text);
    expect(build).toMatchObject({
      product: 'openresty',
      version: '1.21.4.3',
      main: '/opt/or/nginx/conf/n.conf',
      errorLog: 'stderr',
      user: 'www',
      group: 'www',
    });
    expect(build?.options).toContain('--with-cc-opt=-O2 -g');
    expect(
      build === null
        ? null
        : [hasModule(build, 'http_access_module'), hasModule(build, 'http_map_module'), hasModule(build, 'http_dav_module')],
    ).toEqual(['absent', 'built-in', 'absent']);
  });

  it('names the product that Tengine says first', () => {
    expect(buildFromText('Tengine version: Tengine/2.3.3\nnginx version: nginx/1.18.0\nconfigure arguments: --prefix=/t')).toMatchObject({
      product: 'tengine',
      version: '2.3.3',
    });
  });

  it('says nothing of another program', () => {
    expect(buildFromText('configure arguments: --prefix=/x')).toBeNull();
    expect(readBuild('/nonexistent')).toBeNull();
  });
});
