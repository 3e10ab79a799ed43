import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Detection, Gathered } from '@why403/decision';
import { cause as clientIpIsProxy } from '@why403/edge/causes/client-ip-is-proxy';
import { cause as realipTrustMissing } from '@why403/edge/causes/realip-trust-missing';
import type { ClientAddresses } from '@why403/edge';
import { applyEdits } from '@why403/terms/diff';
import { createRedactor } from '@why403/terms/redaction';
import { describe, expect, it } from 'vitest';
import { house } from '../index.ts';
import { hasNginx, type Lab, startLab } from './server.ts';

const BALANCER = '127.0.0.2';
const OFFICE = { 'X-Forwarded-For': '203.0.113.9' };

async function addressesSeen(lab: Lab, from: string, headers: Readonly<Record<string, string>>): Promise<Gathered<ClientAddresses>> {
  const key = randomBytes(16);
  const visit = await house.visit({
    question: {
      method: 'GET',
      scheme: 'http',
      hostname: 'localhost',
      port: lab.port(0),
      target: '/office/',
      headers: Object.entries(headers),
      bodyLength: 0,
      httpVersion: '1.1',
      from,
    },
    flags: new Map([['--nginx', [lab.configPath]]]),
    listener: null,
    address: '127.0.0.1',
    redactor: createRedactor((text) => createHmac('sha256', key).update(text).digest('hex')),
    now: Date.now,
  });
  if (visit === null || !('gather' in visit)) throw new Error(`no nginx was seen: ${JSON.stringify(visit)}`);
  const { bag } = await visit.gather(null);
  return bag['edge/client-addresses'] ?? { state: 'unavailable', missing: 'nothing was gathered' };
}

/** The first edit that the detection offers, made on the configuration of the running server, which then reads it. */
async function carryOut(lab: Lab, detection: Detection): Promise<void> {
  const step = detection.verdict === 'found' ? detection.sightings[0].remedies[0].steps[0] : undefined;
  if (step?.kind !== 'edit') throw new Error(`no edit in ${JSON.stringify(detection)}`);
  writeFileSync(lab.configPath, applyEdits(lab.config, step.edits), 'latin1');
  expect(await lab.nginx.reload()).toBe(true);
}

const asked = async (lab: Lab, from: string, headers: Readonly<Record<string, string>> = {}) =>
  (await lab.get('/office/', { from, headers }))?.status;

const siteWith =
  (http: string, server = '') =>
  ({ root, port }: { readonly root: string; readonly port: (number: number) => number }): string =>
    `${http}\nserver {\n  listen 127.0.0.1:${port(0)};\n  root ${root};\n  ${server}\n  location /office/ { allow 203.0.113.0/24; deny all; }\n}\n`;
const tree = { 'office/index.html': { type: 'file', text: 'ok' } } as const;

describe.skipIf(!hasNginx)('a client behind a balancer', () => {
  it('is let in once exactly that balancer is trusted', async () => {
    await using lab = await startLab({ tree, http: siteWith('') });
    expect(await asked(lab, BALANCER, OFFICE)).toBe(403);
    const evidence = await addressesSeen(lab, BALANCER, OFFICE);
    const detection = clientIpIsProxy.detect({ 'edge/client-addresses': evidence });
    expect(detection).toMatchObject({ verdict: 'found', sightings: [{ at: 0, title: expect.stringContaining(`about ${BALANCER}`) }] });
    expect(realipTrustMissing.detect({ 'edge/client-addresses': evidence })).toEqual({ verdict: 'excluded' });
    await carryOut(lab, detection);
    expect(await asked(lab, BALANCER, OFFICE)).toBe(200);
    expect(await asked(lab, BALANCER)).toBe(403);
    expect(await asked(lab, BALANCER, { 'X-Forwarded-For': '198.51.100.7' })).toBe(403);
    expect(await asked(lab, '127.0.0.3', OFFICE)).toBe(403);
  });

  it('is surely behind one when the access log shows others there too', async () => {
    const format = `log_format who '$remote_addr "$http_x_forwarded_for" "$request"';`;
    await using lab = await startLab({
      tree,
      http: (places) => siteWith(format, `access_log ${places.directory}/who.log who;`)(places),
    });
    const before = await addressesSeen(lab, BALANCER, OFFICE);
    expect(before).toMatchObject({ value: { refusals: [{ carriesMany: null }] } });
    for (const client of ['203.0.113.1', '198.51.100.2', '192.0.2.3']) await asked(lab, BALANCER, { 'X-Forwarded-For': client });
    await asked(lab, '127.0.0.3');
    // Entries are written before the next request is read on the one worker.
    const evidence = await addressesSeen(lab, BALANCER, {});
    expect(evidence).toMatchObject({ value: { refusals: [{ carriesMany: true }] } });
    expect(clientIpIsProxy.detect({ 'edge/client-addresses': await addressesSeen(lab, BALANCER, OFFICE) })).toMatchObject({
      sightings: [{ confidence: expect.closeTo(0.99 * 0.96) }],
    });
    expect(clientIpIsProxy.detect({ 'edge/client-addresses': await addressesSeen(lab, '127.0.0.3', {}) })).toMatchObject({
      verdict: 'undetermined',
    });
  });

  it('is let in when the second balancer joins the first on the list around the server, which is kept', async () => {
    await using lab = await startLab({ tree, http: siteWith('set_real_ip_from 127.0.0.7; real_ip_header X-Forwarded-For;') });
    expect(await asked(lab, '127.0.0.7', OFFICE)).toBe(200);
    expect(await asked(lab, BALANCER, OFFICE)).toBe(403);
    await carryOut(lab, realipTrustMissing.detect({ 'edge/client-addresses': await addressesSeen(lab, BALANCER, OFFICE) }));
    expect(await asked(lab, BALANCER, OFFICE)).toBe(200);
    expect(await asked(lab, '127.0.0.7', OFFICE)).toBe(200);
    expect(await asked(lab, '127.0.0.3', OFFICE)).toBe(403);
  });

  it('is heard when the balancer is trusted but sends another header than the one that is read', async () => {
    await using lab = await startLab({ tree, http: siteWith('', `set_real_ip_from ${BALANCER};`) });
    expect(await asked(lab, BALANCER, OFFICE)).toBe(403);
    await carryOut(lab, clientIpIsProxy.detect({ 'edge/client-addresses': await addressesSeen(lab, BALANCER, OFFICE) }));
    expect(await asked(lab, BALANCER, OFFICE)).toBe(200);
  });

  it('who is not on the list either takes both edits', async () => {
    await using lab = await startLab({ tree, http: siteWith('') });
    const stranger = { 'X-Forwarded-For': '198.51.100.7' };
    const detection = clientIpIsProxy.detect({ 'edge/client-addresses': await addressesSeen(lab, BALANCER, stranger) });
    await carryOut(lab, detection);
    expect(await asked(lab, BALANCER, stranger)).toBe(200);
    expect(await asked(lab, BALANCER, { 'X-Forwarded-For': '198.51.100.8' })).toBe(403);
    expect(await asked(lab, BALANCER)).toBe(403);
  });
});
