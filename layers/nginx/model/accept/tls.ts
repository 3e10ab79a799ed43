import type { ModelRequest, Refusal } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import { type Journey, mayRefuse, ON, refusalOf, refuseWith, type Turn } from '../journey.ts';
import type { Group, Server } from '../server/compile.ts';
import { findByName, type NameFound } from '../server/names.ts';
import { validateHost } from './host.ts';

/** The server that the TLS handshake's name chooses (ngx_http_ssl_servername); null without such a name. */
export function negotiate(group: Group, { tls }: ModelRequest): NameFound<Server> {
  const asked = tls?.serverName == null ? null : validateHost(tls.serverName);
  return asked === null || !group.hasNames ? null : findByName(group.names, asked, null);
}

/** A certificate is verified only where the server that the handshake was with asks for one. */
export function certified({ tls }: ModelRequest, server: Server): ModelRequest['tls'] {
  return tls !== null && server.tls.verify === 'off' ? { ...tls, clientVerify: 'NONE' } : tls;
}

/** `ssl_reject_handshake`: the connection ends before any request. */
export function rejectHandshake(journey: Journey): Turn {
  const { rejects } = journey.server.tls;
  if (rejects === null || journey.request.tls === null) return ON;
  const refusal = refusalOf('built-in', 444, rejects, { why: 'the TLS handshake is rejected', rule: rejects });
  return refuseWith(journey, rejects, 'the TLS handshake is rejected', refusal);
}

/** ngx_http_process_request: plain HTTP on a TLS port, and client certificates. */
export function judgeTls(journey: Journey): Turn {
  const { request, group, server } = journey;
  if (!(group.isSsl || group.defaultServer.tls.isOn)) return ON;
  const directive = group.listen.directive;
  if (request.tls === null) {
    return refuseWith(
      journey,
      directive,
      'plain HTTP came to a TLS port',
      refusalOf('built-in', 497, 'plain-http', { why: 'plain HTTP request was sent to HTTPS port', rule: directive }),
    );
  }
  const { verify, verifyDirective } = server.tls;
  if (verify === 'off' || verifyDirective === null) return ON;
  const { clientVerify } = request.tls;
  if (clientVerify === null) {
    const says = 'the client certificate is verified';
    mayRefuse(
      journey,
      verifyDirective,
      says,
      'what the verification of the client certificate comes to',
      unverified(verifyDirective, 'for a reason that is not known'),
    );
    return ON;
  }
  if (clientVerify.startsWith('FAILED') && !(verify === 'optional_no_ca' && isUntrustedOnly(clientVerify))) {
    return refuseWith(
      journey,
      verifyDirective,
      `the client certificate was not verified: ${clientVerify}`,
      unverified(verifyDirective, clientVerify),
    );
  }
  if (verify === 'on' && clientVerify === 'NONE') {
    const refusal = refusalOf('built-in', 496, verifyDirective, { why: 'no client certificate was sent', rule: verifyDirective });
    return refuseWith(journey, verifyDirective, 'no client certificate was sent', refusal);
  }
  return ON;
}

function unverified(rule: Directive, why: string): Refusal {
  return refusalOf('built-in', 495, rule, { why: `the client certificate was not verified: ${why}`, rule });
}

/** The failures optional_no_ca overlooks (ngx_ssl_verify_error_optional). */
function isUntrustedOnly(verify: string): boolean {
  return /self.signed certificate|unable to get (?:local )?issuer certificate|unable to verify the first certificate|certificate chain too long/i.test(
    verify,
  );
}
