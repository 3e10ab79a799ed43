import { connect as netConnect, type Socket } from 'node:net';
import { ProbeTrouble } from '../model/failure.ts';

/** Curl's delay before the next address is tried while the first still hangs (RFC 8305 §5). */
const STAGGER = 250;

function describe(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** A refused, unreachable or otherwise failed connection, in words. */
function troubleOf(error: NodeJS.ErrnoException, address: string, port: number): ProbeTrouble {
  const code = error.code ?? null;
  const more = { code, remote: { address, port } };
  const where = describe(address, port);
  switch (code) {
    case 'ECONNREFUSED':
      return new ProbeTrouble('connection-refused', 'connect', `Nothing listens on ${where}, or a firewall rejects the connection.`, {
        ...more,
        hint: 'Is the server running, and is this its port? On the server, `ss -ltn` lists what listens.',
      });
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return new ProbeTrouble('unreachable', 'connect', `There is no way from here to ${where}.`, {
        ...more,
        hint: 'Is this machine connected, and is the address right? -4 and -6 choose the family.',
      });
    case 'ETIMEDOUT':
      return new ProbeTrouble('timeout', 'connect', `The connection to ${where} was never answered.`, {
        ...more,
        hint: 'A firewall may drop it silently.',
      });
    case 'ECONNRESET':
      return new ProbeTrouble('reset', 'connect', `The connection to ${where} was reset.`, more);
    case 'EACCES':
    case 'EPERM':
      return new ProbeTrouble(
        'unreachable',
        'connect',
        `This machine does not allow connections to ${where}: a local firewall rule, sandbox or policy.`,
        more,
      );
    default:
      return new ProbeTrouble('unreachable', 'connect', `The connection to ${where} failed (${code ?? 'no reason given'}).`, more);
  }
}

/**
 * Connects to the first address that answers: in the order given, each next one after a short while or at
 * once when the one before fails. The others are given up. Rejects with the first address's trouble.
 */
export function connectTo(addresses: readonly string[], port: number, deadline: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    let first: ProbeTrouble | null = null;
    let next = 0;
    let timer: NodeJS.Timeout | undefined;

    function finish(act: () => void, keep?: Socket): void {
      clearTimeout(timer);
      deadline.removeEventListener('abort', onDeadline);
      for (const socket of open) if (socket !== keep) socket.destroy();
      act();
    }
    function onDeadline(): void {
      const address = addresses[0] ?? '';
      finish(() =>
        reject(
          new ProbeTrouble('timeout', 'connect', `The connection to ${describe(address, port)} was not answered in time.`, {
            remote: { address, port },
            hint: 'A firewall may drop it silently, or the machine is down. --connect-timeout and --max-time wait longer.',
          }),
        ),
      );
    }
    function tryNext(): void {
      clearTimeout(timer);
      const address = addresses[next];
      if (address === undefined) {
        if (open.size === 0)
          finish(() => reject(first ?? new ProbeTrouble('unreachable', 'connect', 'There is no address to connect to.')));
        return;
      }
      next += 1;
      const socket = netConnect({ host: address, port, noDelay: true });
      open.add(socket);
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        // until the next stage listens: a reset meanwhile shows as a destroyed socket there
        socket.on('error', () => {});
        finish(() => resolve(socket), socket);
      });
      socket.once('error', (error) => {
        open.delete(socket);
        first ??= troubleOf(error, address, port);
        tryNext();
      });
      if (next < addresses.length) timer = setTimeout(tryNext, STAGGER);
    }
    if (deadline.aborted) onDeadline();
    else {
      deadline.addEventListener('abort', onDeadline);
      tryNext();
    }
  });
}
