import type { Some } from '@why403/decision';
import type { Random } from './random.ts';
import { type Statement, walkStatements } from './statement.ts';
import { PEERS } from './vocabulary.ts';

/** The two ends of a connection: where a request comes in. */
export interface Door {
  /** The client's socket address; `unix:` for one without. */
  readonly from: string;
  /** The server's, or the name of its Unix socket behind `unix:`. */
  readonly to: string;
  readonly port: 0 | 1 | 2;
}

/** Every way into a site, by the addresses that it listens on. */
export function doorsOf(http: readonly Statement[]): (random: Random) => Door {
  const ways: [weight: number, to: string, port: Door['port']][] = [];
  walkStatements(http, ({ name, words: [written = ''] }) => {
    if (name !== 'listen') return;
    const address = written.replace(/^["']|["']$/g, '');
    const port = address.includes('@port2@') ? 2 : address.includes('@port1@') ? 1 : 0;
    if (address.startsWith('unix:')) ways.push([1.5, address.replace('@dir@/', ''), port]);
    else if (address.startsWith('[')) ways.push([1.5, '::1', port]);
    else if (port === 2) ways.push([5, '127.0.0.1', port]);
    else {
      ways.push([port === 0 ? 7 : 1.2, '127.0.0.1', port]);
      // A wildcard takes what no exact address takes.
      if (!address.startsWith('127.') && !address.startsWith('localhost')) ways.push([1.5, '127.0.0.5', port]);
    }
  });
  const distinct = ways.filter(([, to, port], index) => ways.findIndex((way) => way[1] === to && way[2] === port) === index);
  const weights = distinct.map(([weight, to, port]) => [weight, { to, port }] as const);
  const choices: Some<(typeof weights)[number]> = [[0, { to: '127.0.0.1', port: 0 }], ...weights];
  return (random) => {
    const { to, port } = random.weighed(choices);
    return { from: to.startsWith('unix:') ? 'unix:' : to === '::1' ? '::1' : random.pick(PEERS), to, port };
  };
}
