import { expect, test } from 'vitest';
import { secretsIn } from './secrets.ts';
import { assemble, parse } from './syntax/index.ts';

function secrets(text: string): readonly string[] {
  const parsed = parse(text, '/n.conf', { real: '/n.conf', encoding: 'utf8' });
  if ('error' in parsed) throw new Error(parsed.error.message);
  const assembled = assemble('/n.conf', '/', new Map([['/n.conf', parsed.ok]]), () => ({ paths: [], unread: [] }));
  if ('error' in assembled) throw new Error(assembled.error.message);
  return secretsIn(assembled.ok);
}

test.each([
  ['proxy_set_header Authorization "Bearer c4nary";', ['c4nary']],
  ['proxy_set_header Authorization $http_authorization;', []],
  ['proxy_set_header X-Api-Key c4nary;', ['c4nary']],
  ['proxy_set_header Host $host;', []],
  ['fastcgi_param DB_PASSWORD c4nary;', ['c4nary']],
  ['set $api_key c4nary;', ['c4nary']],
  ['set $backend_url http://a/;', []],
  ['secure_link_md5 "$secure_link_expires$uri c4nary";', ['c4nary']],
  ['secure_link_secret c4nary;', ['c4nary']],
  ['if ($http_x_api_key != "c4nary") { return 403; }', ['c4nary']],
  ['if ($arg_token != c4nary) { return 403; }', ['c4nary']],
  ['if ($http_authorization !~ "^Bearer\\s+c4nary$") { return 403; }', ['c4nary']],
  ['if ($http_user_agent ~ curl) { return 403; }', []],
  ['map $http_x_api_key $ok { default 0; "c4nary" 1; ~*^other$ 1; }', ['c4nary', 'other']],
  ['map $cookie_sid $who { c4nary admin; }', ['c4nary']],
  ['map $host $auth_token { default c4nary; a.example other1; }', ['c4nary', 'other1']],
  ['map $host $root { default /srv; a.example /a; }', []],
])('%s', (text, expected) => {
  expect(secrets(text)).toEqual(expected);
});
