import type { Evidence } from '@why403/decision';
import type { ClientVerification, ClientVerifications, PresentedCertificate, VerifyResult } from '@why403/tls';
import { fullName } from './syntax/prefix.ts';
import type { Attributed } from './attribution/attribute.ts';
import type { Observation } from './attribution/observation.ts';
import type { Configuration, Directive } from './syntax/ast.ts';
import type { ModelRequest, Refusal } from './trace.ts';
import { nearest } from './values/scope.ts';

type Verify = NonNullable<ModelRequest['tls']>['clientVerify'];

/** nginx's own numbers for a certificate that was not accepted, and for none (ngx_http_request.h); sent as 400. */
export const CERTIFICATE_REFUSED = 495;
export const CERTIFICATE_MISSING = 496;

/** What the server itself told of its verification, surest first: the access log, the error log at info, its page. Null: nothing. */
export function toldVerify(observation: Observation, body: string): Verify {
  const logged = observation.access?.get('ssl_client_verify');
  if (logged === 'NONE' || logged === 'SUCCESS') return logged;
  if (logged?.startsWith('FAILED:') === true) return `FAILED:${logged.slice('FAILED:'.length)}`;
  for (const { message } of observation.errors ?? []) {
    const words = VERIFY_ERROR.exec(message)?.[2];
    if (words !== undefined) return `FAILED:${words}`;
    if (message.startsWith('client sent no required SSL certificate')) return 'NONE';
  }
  // ngx_http_special_response.c: the pages of 495 and 496.
  if (/<center>The SSL certificate error<\/center>/.test(body)) return 'FAILED:';
  return /<center>No required SSL certificate was sent<\/center>/.test(body) ? 'NONE' : null;
}

const VERIFY_ERROR = /^client SSL certificate verify error: \((\d+):([^)]*)\)/;

export interface Around {
  readonly items: readonly Attributed[];
  readonly missing: readonly string[];
  readonly configuration: Configuration;
  readonly request: ModelRequest;
  readonly observation: Observation | null;
  readonly certificate: PresentedCertificate | null;
  readonly authorities: readonly string[] | null;
  readonly quote: (directive: Directive, says: string) => Evidence;
}

/** Every refusal for the client's certificate, in the words that the servers' houses share. */
export function verificationsOf(around: Around): ClientVerifications {
  const verifications = around.items.flatMap((item): readonly ClientVerification[] => {
    const { refusal } = item;
    if (!isForCertificate(refusal)) return [];
    const server = item.walk.server.directive;
    const names = nearest(server, 'ssl_client_certificate');
    const list = nearest(server, 'ssl_crl');
    const { configuration, request, certificate, authorities, quote } = around;
    return [
      {
        at: item.at,
        confidence: item.confidence,
        result: resultOf(refusal.status, request, around.observation),
        status: around.observation?.status ?? shownStatus(item),
        rule: quote(refusal.rule, 'Client certificates are asked for here.'),
        authorities:
          names === null
            ? null
            : {
                file: fullName(configuration, names.args[0] ?? '', 'conf-prefix'),
                quote: quote(names, 'Certificates of the authorities in this file are accepted.'),
                names: authorities,
              },
        revocation: list === null ? null : quote(list, 'Certificates on this list are refused.'),
        certificate,
        time: request.time * 1000,
        observed: item.context,
      },
    ];
  });
  return { verifications, missing: around.missing };
}

function isForCertificate(refusal: Refusal): refusal is Extract<Refusal, { kind: 'built-in' }> & { readonly rule: Directive } {
  return refusal.kind === 'built-in' && refusal.rule !== null && [CERTIFICATE_REFUSED, CERTIFICATE_MISSING].includes(refusal.status);
}

function resultOf(status: number, { tls }: ModelRequest, observation: Observation | null): VerifyResult {
  if (status === CERTIFICATE_MISSING) return { kind: 'none' };
  const number = observation?.errors?.map(({ message }) => VERIFY_ERROR.exec(message)?.[1]).find((found) => found !== undefined);
  const words = tls?.clientVerify?.startsWith('FAILED:') === true ? tls.clientVerify.slice('FAILED:'.length) : '';
  return { kind: 'failed', number: number === undefined ? null : Number(number), words: words === '' ? null : words };
}

/** An error_page may give it another status; else nginx sends 400. */
function shownStatus({ walk: { answer } }: Attributed): number {
  return answer.state === 'answered' && answer.status < CERTIFICATE_REFUSED ? answer.status : 400;
}
