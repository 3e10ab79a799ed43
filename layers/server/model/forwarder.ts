/** Where a program that only passes connections on sends them. `isInside`: in another network namespace, a container's. */
export type Forwarding =
  | { readonly kind: 'to'; readonly by: string; readonly address: string; readonly port: number; readonly isInside: boolean }
  | { readonly kind: 'somewhere'; readonly by: string };

function programOf(argv: readonly string[]): string {
  const first = argv[0] ?? '';
  return first.slice(first.lastIndexOf('/') + 1);
}

function valueAfter(argv: readonly string[], flag: string): string | undefined {
  const at = argv.indexOf(flag);
  return at === -1 ? undefined : argv[at + 1];
}

function asPort(text: string | undefined): number | null {
  const port = /^[0-9]{1,5}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : null;
}

function to(by: string, address: string | undefined, port: number | null, isInside: boolean): Forwarding {
  if (address === undefined || port === null) return { kind: 'somewhere', by };
  return { kind: 'to', by, address: address === 'localhost' ? '127.0.0.1' : address.replace(/^\[|\]$/g, ''), port, isInside };
}

function splitHostPort(text: string | undefined): { readonly host: string | undefined; readonly port: number | null } {
  const match = /^(\[[^\]]+\]|[^:]+):([0-9]+)$/.exec(text ?? '');
  return { host: match?.[1], port: asPort(match?.[2]) };
}

/** Programs that pass connections on without their words telling where to. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'rootlessport',
  'slirp4netns',
  'pasta',
  'passt',
  'kubectl',
  'ssh',
  'sshd',
  'gvproxy',
  'vpnkit',
]);

/** Recognizes a forwarder by its command line; null for a server that answers itself. */
export function readForwarding(argv: readonly string[]): Forwarding | null {
  const program = programOf(argv);
  switch (program) {
    case 'docker-proxy':
      return to(program, valueAfter(argv, '-container-ip'), asPort(valueAfter(argv, '-container-port')), true);
    case 'systemd-socket-proxyd': {
      const { host, port } = splitHostPort(argv.slice(1).findLast((word) => !word.startsWith('-')));
      return to(program, host, port, false);
    }
    case 'socat': {
      const target = argv.map((word) => /^TCP[46]?(?:-CONNECT)?:(.+?)(?:,.*)?$/i.exec(word)?.[1]).find((found) => found !== undefined);
      const { host, port } = splitHostPort(target);
      return target === undefined ? null : to(program, host, port, false);
    }
    default:
      return ELSEWHERE.has(program.replace(/[: ].*$/, '')) ? { kind: 'somewhere', by: program.replace(/[: ].*$/, '') } : null;
  }
}
