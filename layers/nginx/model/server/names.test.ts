import { describe, expect, it } from 'vitest';
import { site } from '../walk.fixture.ts';

/** Which server takes the host, by the number it answers with, and how it was chosen. */
function chosen(servers: readonly string[], host: string): string {
  const http = servers.map((names, number) => `server { listen 80; server_name ${names}; return ${600 + number}; }`).join(' ');
  const { answer, server } = site(http).walk({ host });
  return answer.state === 'answered' ? `${answer.status - 600} ${server.how}` : 'unknown';
}

describe('the server of a host', () => {
  it('is found by exact name, then *.x, then x.*, then the first expression, then the default', () => {
    const servers = ['_', 'www.example.*', '*.example.com', '~^www', 'www.example.com'];
    expect(chosen(servers, 'www.example.com')).toBe('4 exact');
    expect(chosen(servers, 'a.example.com')).toBe('2 wildcard-start');
    expect(chosen(servers, 'www.example.org')).toBe('1 wildcard-end');
    expect(chosen(servers, 'www.other.test')).toBe('3 regex');
    expect(chosen(servers, 'other.test')).toBe('0 default');
  });

  it('prefers the longer wildcard', () => {
    expect(chosen(['*.com', '*.example.com'], 'a.b.example.com')).toBe('1 wildcard-start');
    expect(chosen(['www.*', 'www.example.*'], 'www.example.co.uk')).toBe('1 wildcard-end');
  });

  it('takes .x for x and everything below', () => {
    expect(chosen(['_', '.example.com'], 'example.com')).toBe('1 exact');
    expect(chosen(['_', '.example.com'], 'a.example.com')).toBe('1 wildcard-start');
  });

  it('gives a name claimed twice to the first', () => {
    expect(chosen(['example.com', 'example.com'], 'example.com')).toBe('0 exact');
    // `*.example.com` is taken, so `.example.com` is ignored whole, and the name below it with it.
    expect(chosen(['*.example.com', '.example.com example.com'], 'example.com')).toBe('0 default');
  });

  it('compares in lower case and without the port', () => {
    expect(chosen(['_', 'Example.COM'], 'EXAMPLE.com:8080')).toBe('1 exact');
  });
});

describe('the group of an address', () => {
  const on = (listens: readonly string[], local: string) => {
    const http = listens.map((listen, number) => `server { listen ${listen}; return ${600 + number}; }`).join(' ');
    const { answer } = site(http).walk({ local: { address: local, port: 80 } });
    return answer.state === 'answered' ? answer.status - 600 : null;
  };

  it('is that of the exact address before the wildcard', () => {
    expect(on(['80', '198.51.100.1:80'], '198.51.100.1')).toBe(1);
    expect(on(['80', '198.51.100.1:80'], '198.51.100.2')).toBe(0);
  });

  it('keeps the families apart, unless an IPv6 wildcard takes both', () => {
    expect(on(['80', '[::]:80'], '2001:db8::1')).toBe(1);
    expect(on(['[::]:80'], '198.51.100.1')).toBeNull();
    expect(on(['[::]:80 ipv6only=off'], '198.51.100.1')).toBe(0);
  });

  it('falls to the first server, or to the one marked default', () => {
    expect(on(['80', '80'], '198.51.100.1')).toBe(0);
    expect(on(['80', '80 default_server'], '198.51.100.1')).toBe(1);
  });

  it('is not known where a host name stands for the address', () => {
    expect(on(['somewhere.test:80', '80'], '198.51.100.1')).toBeNull();
  });
});
