import { type Edit, isSome, type Some } from '@why403/decision';
import { isEverywhere } from '@why403/edge';
import type { Configuration, Directive } from './syntax/ast.ts';
import { insertAtStart, remove, replace } from './syntax/edit.ts';
import { compileRealip } from './values/realip.ts';
import { nearest, own } from './values/scope.ts';

/** Edits of realip's settings, with the sentence that asks for them. */
export interface Change {
  readonly say: string;
  readonly edits: Some<Edit>;
}

const TRUST = 'set_real_ip_from';

/**
 * Trusts one more address in a server and reads the client from `header`. A server's own list hides the one
 * around it, so an inherited list is repeated.
 */
export function trustPeer(configuration: Configuration, server: Directive, peer: string, header: string): Change | null {
  const lines: string[] = [];
  const edits: Edit[] = [];
  const trusted = compileRealip(server)?.from ?? [];
  if (!trusted.some(({ args }) => args[0] === peer)) {
    if (own(server, TRUST).length === 0) lines.push(...trusted.map(asWritten));
    lines.push(`${TRUST} ${peer};`);
  }
  const read = nearest(server, 'real_ip_header');
  if ((read?.args[0] ?? 'X-Real-IP').toLowerCase() !== header.toLowerCase()) {
    if (read !== null && read.parent === server) edits.push(replace(configuration, read, `real_ip_header ${header};`));
    else lines.push(`real_ip_header ${header};`);
  }
  if (lines.length > 0) edits.unshift(insertAtStart(configuration, server, lines.join('\n')));
  if (!isSome(edits)) return null;
  const forging = header === 'X-Forwarded-For' ? '' : ` See that it writes ${header} itself and does not hand on what a client sent.`;
  return {
    say: `If ${peer} is your own proxy, trust exactly it to name the client in ${header}, in this server only: whoever is trusted can claim any address.${forging}`,
    edits,
  };
}

/** Makes realip go on to the left over addresses that are trusted themselves. */
export function passOverTrusted(configuration: Configuration, block: Directive): Change {
  const written = nearest(block, 'real_ip_recursive');
  const line = 'real_ip_recursive on;';
  return {
    say: 'Pass over the trusted proxies in X-Forwarded-For: the client is the first address from the right that is none of them.',
    edits: [
      written !== null && written.parent === block ? replace(configuration, written, line) : insertAtStart(configuration, block, line),
    ],
  };
}

/** Trusts the peer in place of everybody. */
export function trustFewer(configuration: Configuration, block: Directive, peer: string): Change | null {
  const listed = own(block, TRUST);
  const everywhere = listed.filter((one) => isEverywhere(one.args[0] ?? ''));
  const say = `Trust ${peer} in place of everybody, and add the networks of further proxies of yours: whoever is trusted can claim any address.`;
  if (listed.length > 0) {
    const [first, ...more] = everywhere;
    if (first === undefined) return null;
    return { say, edits: [replace(configuration, first, `${TRUST} ${peer};`), ...more.map((one) => remove(configuration, one))] };
  }
  const kept = (compileRealip(block)?.from ?? []).filter((one) => !isEverywhere(one.args[0] ?? ''));
  return { say, edits: [insertAtStart(configuration, block, [...kept.map(asWritten), `${TRUST} ${peer};`].join('\n'))] };
}

function asWritten(directive: Directive): string {
  return `${directive.words.map((word) => word.raw).join(' ')};`;
}
