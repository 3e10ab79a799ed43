import type { Exchange, Question } from '@why403/terms/request';
import { type Examined, examineCertificate } from '../collect/client-certificate.ts';
import type { Observation } from '../model/attribution/observation.ts';
import { toldVerify } from '../model/client-verification.ts';
import type { ModelRequest } from '../model/trace.ts';
import type { Subject } from './subject.ts';

type Verify = NonNullable<ModelRequest['tls']>['clientVerify'];

/** What is known of the client's certificate: by its own look, and by what the server told. */
export class CertificateView {
  #examined: Examined = { verify: 'NONE', certificate: null, authorities: null };
  #told: Verify = null;

  /** Holds the certificate against the settings of the server that takes the request. */
  examine(
    subject: Subject,
    question: Question,
    walkedTo: ModelRequest['tls'],
    server: Parameters<typeof examineCertificate>[2],
    time: number,
  ): void {
    if (walkedTo === null) return;
    this.#examined = examineCertificate(subject.view, subject.configuration, server, question.clientCertificate, time);
  }

  /** The server's own words outrank what was worked out. */
  hear(observation: Observation, exchange: Exchange): void {
    const told = toldVerify(observation, exchange.body);
    // A page without the reason leaves the reason that was worked out, if that was a refusal too.
    if (told === 'FAILED:' && this.#examined.verify?.startsWith('FAILED:') === true) return;
    this.#told = told;
  }

  get verify(): Verify {
    return this.#told ?? this.#examined.verify;
  }

  get certificate(): Examined['certificate'] {
    return this.#examined.certificate;
  }

  get authorities(): Examined['authorities'] {
    return this.#examined.authorities;
  }
}
