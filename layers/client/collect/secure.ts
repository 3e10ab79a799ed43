import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions, getCACertificates, type TLSSocket } from 'node:tls';
import { isFault } from '@why403/terms/fault';
import { ProbeTrouble, sayDistrust, sayHandshake } from '../model/failure.ts';
import type { TlsPlan } from '../model/plan.ts';
import { readNamedFile } from './ask-ports.ts';

function readPem(path: string, flag: string): Buffer {
  try {
    return Buffer.from(readNamedFile(path));
  } catch (error) {
    if (!isFault(error)) throw error;
    throw new ProbeTrouble('impossible', 'tls', `${flag} ${path}: ${error.message}`, { code: error.code });
  }
}

/** The authorities to trust: those of --cacert, else Node's and this system's, as other programs here do. */
function readAuthorities(plan: TlsPlan): Buffer | string[] {
  if (plan.authorities !== null) return readPem(plan.authorities, '--cacert');
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

function readOptions(plan: TlsPlan): ConnectionOptions {
  const certificate = plan.certificate === null ? null : readPem(plan.certificate, '--cert');
  // curl takes the key from the certificate's file when none is named
  const key = plan.key === null ? certificate : readPem(plan.key, '--key');
  return {
    ...(plan.isVerified ? { ca: readAuthorities(plan) } : {}),
    ...(certificate === null ? {} : { cert: certificate }),
    ...(key === null ? {} : { key }),
    ...(plan.passphrase === null ? {} : { passphrase: plan.passphrase }),
    ...(plan.minVersion === null ? {} : { minVersion: plan.minVersion }),
    ...(plan.maxVersion === null ? {} : { maxVersion: plan.maxVersion }),
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason';
}

/** Errors that OpenSSL raises for the person's own files, before a byte is sent. */
function materialTrouble(error: unknown): ProbeTrouble {
  if (error instanceof ProbeTrouble) return error;
  const code = codeOf(error);
  const says = /BAD_DECRYPT|BAD_PASSWORD|INTERRUPTED_OR_CANCELLED|PASSPHRASE|PASSWORD/.test(code)
    ? "The private key's pass phrase is missing or wrong."
    : /KEY_VALUES_MISMATCH/.test(code)
      ? 'The private key does not belong to the client certificate.'
      : `The client certificate, its key or the authorities can not be used (${code}).`;
  return new ProbeTrouble('impossible', 'tls', says, { code, hint: 'They are read as PEM from --cert, --key and --cacert.' });
}

/** Why OpenSSL or Node does not trust the peer; null when it does. */
function problemOf(socket: TLSSocket): string | null {
  if (socket.authorized) return null;
  const error: unknown = socket.authorizationError;
  return typeof error === 'string' ? error : codeOf(error);
}

export interface Secured {
  readonly socket: TLSSocket;
  readonly protocol: string;
  readonly isAuthorized: boolean;
  /** Why the certificate isn't trusted, to be read by a person. */
  readonly problem: string | null;
  readonly application: string | null;
}

/**
 * Speaks TLS over a connection. The certificate is always looked at; one that isn't trusted ends the
 * attempt unless the plan goes on without trust. SNI is the URL's host, never the Host field, as in curl.
 */
export function secure(
  socket: Socket,
  hostname: string,
  plan: TlsPlan,
  protocols: readonly string[],
  deadline: AbortSignal,
): Promise<Secured> {
  const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  // RFC 6066 §3: no address and no trailing dot in SNI
  const bare = hostname.replace(/%.*$/, '');
  const servername = isIP(bare) === 0 ? bare.replace(/\.$/, '') : '';
  return new Promise((resolve, reject) => {
    let secured: TLSSocket;
    const finish = (act: () => void): void => {
      deadline.removeEventListener('abort', onDeadline);
      act();
    };
    function fail(trouble: ProbeTrouble): void {
      finish(() => {
        socket.destroy();
        reject(trouble);
      });
    }
    function onDeadline(): void {
      fail(
        new ProbeTrouble('timeout', 'tls', 'The connection stands, but the TLS handshake was not finished in time.', {
          remote,
          hint: 'The other side may not speak TLS on this port.',
        }),
      );
    }
    deadline.addEventListener('abort', onDeadline);
    try {
      secured = tlsConnect({
        ...readOptions(plan),
        socket,
        host: bare,
        servername,
        ALPNProtocols: [...protocols],
        rejectUnauthorized: false,
      });
    } catch (error) {
      fail(materialTrouble(error));
      return;
    }
    secured.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'ECONNRESET' || code === 'EPIPE') {
        fail(
          new ProbeTrouble('tls', 'tls', 'The connection was closed during the TLS handshake.', {
            code,
            remote,
            hint: 'The server may want TLS of another version, another name, or no TLS on this port.',
          }),
        );
      } else {
        const { says, hint } = sayHandshake(code);
        fail(new ProbeTrouble('tls', 'tls', says, { code, hint, remote }));
      }
    });
    secured.once('secureConnect', () => {
      secured.removeAllListeners('error');
      secured.on('error', () => {});
      const code = problemOf(secured);
      const problem = code === null ? null : sayDistrust(code);
      if (code !== null && plan.isVerified) {
        const hint = '--cacert FILE trusts its issuer for this once, --insecure goes on without trust.';
        fail(new ProbeTrouble('tls', 'tls', `The server's certificate is not trusted because ${problem}.`, { code, hint, remote }));
        return;
      }
      const application = typeof secured.alpnProtocol === 'string' ? secured.alpnProtocol : null;
      finish(() =>
        resolve({ socket: secured, protocol: secured.getProtocol() ?? 'unknown', isAuthorized: code === null, problem, application }),
      );
    });
  });
}
