import { describe, expect, it } from 'vitest';
import { valueOf } from './expand.ts';
import { fixture } from './fixture.ts';
import { compileRealip, resolveClient } from './realip.ts';

function resolve(server: string, headers: readonly (readonly [string, string])[], http = '') {
  const made = fixture(server, http);
  const state = made.state({ headers, peer: { address: '10.0.0.1', port: 5 } });
  return { ...resolveClient(compileRealip(made.server), state), state };
}

describe('the client address', () => {
  it('is the peer when nobody is trusted, or nothing is sent', () => {
    expect(resolve('', [['X-Real-IP', '1.2.3.4']])).toMatchObject({ client: { address: '10.0.0.1' }, isReplaced: false, missing: null });
    expect(resolve('set_real_ip_from 10.0.0.0/8;', [])).toMatchObject({ client: { address: '10.0.0.1' }, isReplaced: false });
    expect(resolve('set_real_ip_from 192.168.0.0/16;', [['X-Real-IP', '1.2.3.4']]).client.address).toBe('10.0.0.1');
  });

  it('explains each step from the peer inwards', () => {
    const { client, state } = resolve('set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on;', [
      ['X-Forwarded-For', '9.9.9.9, 1.2.3.4, 10.0.0.7'],
    ]);
    expect(client.address).toBe('1.2.3.4');
    expect(state.client).toBe('1.2.3.4');
    expect(client.chain.map(({ address, directive }) => [address, directive?.name ?? null])).toEqual([
      ['10.0.0.1', null],
      ['10.0.0.7', 'set_real_ip_from'],
      ['1.2.3.4', 'set_real_ip_from'],
    ]);
  });

  it('inherits settings one by one, and trusted networks as a whole', () => {
    const http = 'set_real_ip_from 10.0.0.0/8; real_ip_header X-Client;';
    expect(resolve('', [['X-Client', '1.2.3.4']], http).client.address).toBe('1.2.3.4');
    expect(resolve('set_real_ip_from 172.16.0.0/12;', [['X-Client', '1.2.3.4']], http).client.address).toBe('10.0.0.1');
  });

  it('is not known where a name, or the PROXY protocol, might decide', () => {
    for (const server of ['set_real_ip_from balancer.internal;', 'set_real_ip_from 10.0.0.0/8; real_ip_header proxy_protocol;']) {
      const { missing, state } = resolve(server, [['X-Real-IP', '1.2.3.4']]);
      expect(missing).not.toBeNull();
      expect(valueOf('remote_addr', state).known).toBe(false);
      expect(valueOf('proxy_add_x_forwarded_for', state).known).toBe(false);
    }
    // A network that holds the peer makes the names beside it matter no more.
    expect(resolve('set_real_ip_from balancer.internal; set_real_ip_from 10.0.0.0/8;', [['X-Real-IP', '1.2.3.4']]).client.address).toBe(
      '1.2.3.4',
    );
  });
});
