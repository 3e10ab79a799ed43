import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../gen/catalog.ts';
import { sources } from './sources.ts';

const PRODUCTS =
  'nginx openresty apache httpd litespeed caddy haproxy traefik tomcat envoy varnish kong apisix tyk apigee cloudflare cloudfront akamai ' +
  'fastly imperva modsec coraza amazon azure selinux apparmor systemd';
const NAMED = new RegExp(`(?<![a-z])(?:${PRODUCTS.replaceAll(' ', '|')})[a-z]*`, 'gi');

describe('the doctor', () => {
  it('knows no product by name', () => {
    const files = sources('doctor').filter((file) => !file.endsWith('.test.ts'));
    const named = files.flatMap((file) => {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      return lines.flatMap((line, index) => (line.match(NAMED) ?? []).map((name) => `${file}:${index + 1}: ${name}`));
    });
    expect(named).toEqual([]);
  });
});
