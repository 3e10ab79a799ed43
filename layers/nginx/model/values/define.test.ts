import { describe, expect, it } from 'vitest';
import { define } from './define.ts';
import { compileText, expand, valueOf } from './expand.ts';
import { fixture } from './fixture.ts';

function value(http: string, name: string, asked: Parameters<ReturnType<typeof fixture>['state']>[0] = {}, server = ''): string | null {
  const text = valueOf(name, fixture(server, http).state(asked));
  return text.known ? text.value : null;
}

describe('definitions', () => {
  it('list variables that nothing defines, as nginx would refuse them', () => {
    const { configuration } = fixture(
      'set $mine 1; return 200 "$mine $uri $arg_x $http_y $nobodys ${AlsoNobodys}"; location ~ ^/(?<named>x)$ { root /srv/$named; }',
      'map $uri $mapped { default $gone; }',
    );
    expect(define(configuration).unknown.map(({ name }) => name)).toEqual(['nobodys', 'alsonobodys']);
  });

  it('do not take a map for whole whose include nobody could read', () => {
    expect(value('map $uri $a { include more.map; default 1; }', 'a')).toBeNull();
    expect(value('geo $a { include more.geo; default 1; }', 'a')).toBeNull();
    expect(value('map $uri $a { default 1; } include elsewhere;', 'a')).toBe('1');
  });

  it('leave unknown what hangs on the machine, the clock or a database', () => {
    for (const name of [
      'hostname',
      'pid',
      'msec',
      'time_iso8601',
      'request_id',
      'geoip_country_code',
      'upstream_status',
      'sent_http_x',
      'nginx_version',
      'ssl_cipher_x',
    ]) {
      expect(value('', name, { tls: { serverName: null, clientVerify: 'SUCCESS' } }), name).toBeNull();
    }
    expect(value('js_set $js code;', 'js')).toBeNull();
    expect(value('geoip2 db { $country country iso_code; }', 'country')).toBeNull();
  });

  it('carry an unknown source into what is computed from it', () => {
    expect(value('map $geoip_country_code $a { default 1; }', 'a')).toBeNull();
    expect(value('split_clients $request_id $a { * x; }', 'a')).toBeNull();
    expect(value('geo $hostname $a { default 1; }', 'a')).toBeNull();
  });

  it('end in doubt when a map leads back to itself', () => {
    expect(value('map $b $a { default $b; } map $a $b { default $a; }', 'a')).toBeNull();
  });

  it('keep the first value of a map, but not of a volatile one', () => {
    const state = fixture('', 'map $uri $kept { default $uri; } map $uri $fresh { volatile; default $uri; }').state({ target: '/first' });
    const both = compileText('$kept $fresh');
    expect(expand(both, state)).toMatchObject({ value: '/first /first' });
    state.uri = '/second';
    expect(expand(both, state)).toMatchObject({ value: '/first /second' });
  });

  it('know TLS variables as far as the handshake was told', () => {
    expect(value('', 'ssl_client_verify')).toBe('');
    expect(value('', 'ssl_client_verify', { tls: { serverName: 'a', clientVerify: 'NONE' } })).toBe('NONE');
    expect(value('', 'ssl_server_name', { tls: { serverName: 'a.test', clientVerify: 'NONE' } })).toBe('a.test');
    expect(value('', 'ssl_client_s_dn', { tls: { serverName: 'a', clientVerify: 'NONE' } })).toBe('');
    expect(value('', 'ssl_client_s_dn', { tls: { serverName: 'a', clientVerify: 'SUCCESS' } })).toBeNull();
    expect(value('', 'https', { tls: { serverName: 'a', clientVerify: 'NONE' } })).toBe('on');
  });

  it('tell no secure link without a sum to compare', () => {
    const server = 'secure_link $arg_m; secure_link_md5 x;';
    const target = '/?m=AAAAAAAAAAAAAAAAAAAAAA';
    expect(value('', 'secure_link', { target }, server)).toBeNull();
    expect(value('', 'secure_link', { target, md5: () => 'AAAAAAAAAAAAAAAAAAAAAA' }, server)).toBe('1');
    expect(value('', 'secure_link', { target, md5: () => 'BBBBBBBBBBBBBBBBBBBBBA' }, server)).toBe('');
  });

  it('compare configured text by its bytes', () => {
    const state = fixture('', 'map $uri $a { default 0; /café 1; }').state();
    state.uri = Buffer.from('/café', 'utf8').toString('latin1');
    expect(valueOf('a', state)).toMatchObject({ value: '1' });
  });

  it('doubt numbered groups that a map overwrites behind them', () => {
    const { run, state } = fixture('rewrite ^/(..) /x; set $a "$1 $m"; set $b "$m";', 'map $request_uri $m { ~(.) $1; }');
    const now = state({ target: '/abc' });
    run(now);
    expect(valueOf('a', now).known).toBe(false);
    expect(valueOf('b', now)).toMatchObject({ value: '/' });
  });
});
