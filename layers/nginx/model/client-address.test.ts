import { type Bag, certaintyOf, type Detection, type Step } from '@why403/decision';
import { cause as clientIpIsProxy } from '@why403/edge/causes/client-ip-is-proxy';
import { cause as realipTrustMissing } from '@why403/edge/causes/realip-trust-missing';
import { cause as xffSpoofOrOrder } from '@why403/edge/causes/xff-spoof-or-order';
import type { ClientAddresses } from '@why403/edge';
import { describe, expect, test } from 'vitest';
import { bagOf, textOf } from '../causes/bag-of.ts';
import { admitClient } from '../causes/denial/remedies.ts';
import { quote } from '../causes/quote.ts';
import { clientAddressesOf } from './client-address.ts';
import { compile } from './compile.ts';
import { onion } from './onion.ts';
import { applyEdits } from '@why403/terms/diff';
import type { World } from './trace.ts';

interface Site {
  readonly nginx: string;
  readonly client?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly request?: string;
  readonly many?: boolean | null;
}

const SITE = '/etc/nginx/site.conf';
const LIST = 'location / { allow 203.0.113.0/24; deny all; }';

function addressesOf({ many = null, ...site }: Site): ClientAddresses {
  const given = { client: '10.0.0.5', request: 'GET /a.html', files: { '/srv/www/a.html': '-rw-r--r-- root root' }, ...site };
  const bag: Bag = bagOf({ ...given, nginx: `server { listen 80; root /srv/www; ${site.nginx} }` });
  const refusals = bag['nginx/refusals'];
  if (refusals?.state !== 'gathered') throw new Error('no refusals');
  const all = refusals.value;
  const plan = compile(all.configuration, { user: 'www-data' });
  const world: World = {
    tree: all.tree,
    worker: all.worker,
    verifyPassword: () => null,
    md5: () => null,
    upstream: () => null,
    authRequest: () => null,
    modules: null,
  };
  return clientAddressesOf({
    configuration: all.configuration,
    request: all.request,
    items: all.items,
    missing: all.missing,
    quote,
    refusalsFor: (address, without) => {
      const headers = all.request.headers.filter(([name]) => name.toLowerCase() !== without?.toLowerCase());
      const { refusals: met } = onion(plan, { ...all.request, headers, peer: { address, port: null } }, world);
      return new Map(met.map(({ refusal, certain }) => [refusal.key, certain]));
    },
    admit: (item, address) =>
      item.refusal.kind === 'access-rule' ? admitClient({ ...item, refusal: { ...item.refusal, client: address } }, all)[0] : null,
    carriesMany: () => many,
  });
}

function detect(site: Site): Readonly<Record<'proxy' | 'trust' | 'order', Detection>> {
  const evidence = { 'edge/client-addresses': { state: 'gathered', value: addressesOf(site) } } as const;
  return { proxy: clientIpIsProxy.detect(evidence), trust: realipTrustMissing.detect(evidence), order: xffSpoofOrOrder.detect(evidence) };
}

const verdicts = (site: Site): readonly string[] => {
  const { proxy, trust, order } = detect(site);
  return [proxy, trust, order].map((one) => (one.verdict === 'found' ? certaintyOf(one.sightings[0].confidence) : one.verdict));
};

/** The site's text once the first remedy is carried out. */
function mended(site: Site, detection: Detection): string {
  const steps: readonly Step[] = detection.verdict === 'found' ? detection.sightings[0].remedies[0].steps : [];
  const text = textOf({ nginx: `server { listen 80; root /srv/www; ${site.nginx} }` }, SITE) ?? '';
  return applyEdits(
    text,
    steps.flatMap((step) => (step.kind === 'edit' ? step.edits.filter(({ file }) => file === SITE) : [])),
  );
}

const XFF = { 'X-Forwarded-For': '203.0.113.9' };

describe('which refusals an address decides', () => {
  test('an allow list, but not a rule for everyone', () => {
    expect(addressesOf({ nginx: LIST, headers: XFF }).refusals).toMatchObject([{ at: 0, used: '10.0.0.5', peer: '10.0.0.5' }]);
    expect(addressesOf({ nginx: 'deny all;', headers: XFF }).refusals).toEqual([]);
    expect(addressesOf({ nginx: 'return 403;', headers: XFF }).refusals).toEqual([]);
  });

  test('a value computed from it, directly or in a table', () => {
    expect(verdicts({ nginx: 'if ($remote_addr ~ ^10\\.) { return 403; }', headers: XFF })).toEqual(['likely', 'excluded', 'excluded']);
    expect(verdicts({ nginx: 'if ($http_user_agent = "") { return 403; }', headers: XFF })).toEqual(['excluded', 'excluded', 'excluded']);
  });
});

describe('what an address could have been', () => {
  test.each([
    ['no settings, and a header that would help', { nginx: LIST, headers: XFF }, ['likely', 'excluded', 'excluded']],
    [
      'no settings, and a header that would not help',
      { nginx: LIST, headers: { 'X-Forwarded-For': '192.0.2.1' } },
      ['possible', 'excluded', 'excluded'],
    ],
    ['many behind the peer', { nginx: LIST, headers: { 'X-Forwarded-For': '192.0.2.1' }, many: true }, ['proven', 'excluded', 'excluded']],
    ['no header at all', { nginx: LIST }, ['undetermined', 'excluded', 'excluded']],
    ['no header, and a log without others', { nginx: LIST, many: false }, ['excluded', 'excluded', 'excluded']],
    [
      'a header that names the peer',
      { nginx: LIST, headers: { 'X-Real-IP': '10.0.0.5' }, many: false },
      ['excluded', 'excluded', 'excluded'],
    ],
    ['a header that realip can not read', { nginx: LIST, headers: { Forwarded: 'for=203.0.113.9' } }, ['excluded', 'excluded', 'excluded']],
    [
      'the header is to be read from nobody',
      { nginx: `real_ip_header X-Forwarded-For; ${LIST}`, headers: XFF },
      ['excluded', 'likely', 'excluded'],
    ],
    [
      'a neighbor is trusted',
      { nginx: `set_real_ip_from 10.0.0.4; real_ip_header X-Forwarded-For; ${LIST}`, headers: XFF },
      ['excluded', 'proven', 'excluded'],
    ],
    [
      'the peer is trusted with another header',
      { nginx: `set_real_ip_from 10.0.0.5; ${LIST}`, headers: XFF },
      ['proven', 'excluded', 'excluded'],
    ],
    [
      'a header of the site’s own',
      { nginx: `set_real_ip_from 10.0.0.4; real_ip_header X-Who; ${LIST}`, headers: { 'X-Who': '203.0.113.9' } },
      ['excluded', 'proven', 'excluded'],
    ],
    [
      'the PROXY protocol from a stranger',
      { nginx: `set_real_ip_from 10.0.0.4; real_ip_header proxy_protocol; ${LIST}` },
      ['excluded', 'undetermined', 'excluded'],
    ],
    [
      'believed, and refused all the same',
      { nginx: `set_real_ip_from 10.0.0.5; real_ip_header X-Forwarded-For; ${LIST}`, headers: { 'X-Forwarded-For': '192.0.2.1' } },
      ['excluded', 'excluded', 'excluded'],
    ],
    [
      'a second proxy, trusted',
      {
        nginx: `set_real_ip_from 10.0.0.0/24; real_ip_header X-Forwarded-For; ${LIST}`,
        headers: { 'X-Forwarded-For': '203.0.113.9, 10.0.0.4' },
      },
      ['excluded', 'excluded', 'proven'],
    ],
    [
      'a second address, not trusted',
      {
        nginx: `set_real_ip_from 10.0.0.5; real_ip_header X-Forwarded-For; ${LIST}`,
        headers: { 'X-Forwarded-For': '203.0.113.9, 192.0.2.1' },
      },
      ['excluded', 'excluded', 'excluded'],
    ],
    [
      'everybody trusted, an office’s own address leftmost',
      {
        nginx: `set_real_ip_from 0.0.0.0/0; real_ip_recursive on; real_ip_header X-Forwarded-For; ${LIST}`,
        headers: { 'X-Forwarded-For': '192.168.1.2, 203.0.113.9' },
      },
      ['excluded', 'excluded', 'likely'],
    ],
    [
      'everybody trusted, one address',
      {
        nginx: `set_real_ip_from 0.0.0.0/0; real_ip_recursive on; real_ip_header X-Forwarded-For; ${LIST}`,
        headers: { 'X-Forwarded-For': '192.168.1.2' },
      },
      ['excluded', 'excluded', 'excluded'],
    ],
    [
      'read only inside the location',
      { nginx: 'location / { set_real_ip_from 10.0.0.4; real_ip_header X-Forwarded-For; allow 203.0.113.0/24; deny all; }', headers: XFF },
      ['excluded', 'proven', 'excluded'],
    ],
  ] satisfies readonly (readonly [string, Site, readonly string[]])[])('%s', (_what, site, expected) => {
    expect(verdicts(site)).toEqual(expected);
  });
});

describe('how the server comes to read it so', () => {
  test('one address is trusted, in the server, and the header is named', () => {
    const site = { nginx: LIST, headers: XFF };
    expect(mended(site, detect(site).proxy)).toContain('server { set_real_ip_from 10.0.0.5; real_ip_header X-Forwarded-For; listen 80;');
  });

  test('the default header needs no naming', () => {
    const site = { nginx: LIST, headers: { 'X-Real-IP': '203.0.113.9' } };
    expect(mended(site, detect(site).proxy)).toContain('server { set_real_ip_from 10.0.0.5; listen 80;');
  });

  test('a header that the server reads already is replaced', () => {
    const site = { nginx: `set_real_ip_from 10.0.0.5; real_ip_header X-Who; ${LIST}`, headers: XFF };
    expect(mended(site, detect(site).proxy)).toContain('set_real_ip_from 10.0.0.5; real_ip_header X-Forwarded-For; location');
  });

  test('everybody gives way to the peer', () => {
    const settings =
      'set_real_ip_from 10.9.0.0/16; set_real_ip_from ::/0; set_real_ip_from 0.0.0.0/0; real_ip_recursive on; real_ip_header X-Forwarded-For;';
    const site = { nginx: `${settings} ${LIST}`, headers: { 'X-Forwarded-For': '192.168.1.2, 203.0.113.9' } };
    const text = mended(site, detect(site).order);
    expect(text).toContain('set_real_ip_from 10.9.0.0/16; set_real_ip_from 10.0.0.5;');
    expect(text).not.toContain('/0;');
  });

  test('recursion that is off is turned on where it stands', () => {
    const site = {
      nginx: `set_real_ip_from 10.0.0.0/24; real_ip_recursive off; real_ip_header X-Forwarded-For; ${LIST}`,
      headers: { 'X-Forwarded-For': '203.0.113.9, 10.0.0.4' },
    };
    expect(mended(site, detect(site).order)).toContain('real_ip_recursive on; real_ip_header');
  });

  test('a path that should not be public stays refused', () => {
    const site = { nginx: LIST, headers: { 'X-Forwarded-For': '192.0.2.1' }, request: 'GET /.git/config' };
    const { proxy } = detect(site);
    expect(proxy.verdict === 'found' ? proxy.sightings[0].remedies : []).toMatchObject([{ apply: 'none' }]);
  });
});
