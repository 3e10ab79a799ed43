import { defineCause, type Detection, type Evidence, isSome, type Remedy, type Sighting } from '@why403/decision';
import { header } from '@why403/terms/request';
import type { AppResponse } from '../../model/app-responses.ts';
import { type Reason, reasonOf } from '../../model/reason.ts';
import { serverBehind } from '../../model/server-page.ts';

/**
 * What is behind may be one more server and no application: only its own words tell them apart, and without
 * them the broader cause stays the surer one.
 */
const WITHOUT_WORDS = 0.75;

/** The application behind the server refused, with its reason or without one. */
export const cause = defineCause({
  id: 'app/refused',
  layer: 'app',
  title: 'The application behind the server refused',
  refines: ['nginx/proxied-403'],
  needs: ['app/responses'],
  detect: ({ 'app/responses': gathered }): Detection => {
    if (gathered.state === 'unavailable') return { verdict: 'undetermined', missing: [gathered.missing] };
    const sightings = gathered.value.responses.flatMap(see);
    if (isSome(sightings)) return { verdict: 'found', sightings };
    return isSome(gathered.value.missing) ? { verdict: 'undetermined', missing: gathered.value.missing } : { verdict: 'excluded' };
  },
});

function see(response: AppResponse): readonly Sighting[] {
  // One more server on the way is not the application.
  if (serverBehind(response.excerpt) !== null) return [];
  const reason = reasonOf(response.headers, response.excerpt);
  const { target, at, confidence, rule, observed } = response;
  return [
    {
      at,
      title:
        reason === null
          ? `The application at ${target} refused and gave no reason`
          : `The application at ${target} refused: ${reason.words}`,
      why: whyOf(response, reason),
      confidence: confidence * (reason === null ? WITHOUT_WORDS : 1),
      evidence: [rule, ...reasonEvidence(reason), ...producerEvidence(response), ...observed],
      remedies: [lookThere(response, reason)],
    },
  ];
}

function whyOf({ status, target }: AppResponse, reason: Reason | null): string {
  const answered = status === null ? 'The answer came from behind' : `${target} answered ${status}`;
  const words = reason === null ? 'Neither its headers nor its body say why' : `Its reason stands in ${reason.where}`;
  return `${answered}, and the server in front handed it on as it is. ${words}: what it takes to be let in is decided in the application, by who is logged in, with which role, token or form.`;
}

function reasonEvidence(reason: Reason | null): readonly Evidence[] {
  if (reason === null) return [];
  return [{ kind: 'response', text: reason.text, says: `The answer gives this as its reason (${reason.where}).`, audience: 'caller' }];
}

/** Headers by which frameworks and servers name themselves. */
const PRODUCERS = ['X-Powered-By', 'X-Generator', 'X-AspNet-Version', 'Via'] as const;

function producerEvidence({ headers }: AppResponse): readonly Evidence[] {
  return PRODUCERS.flatMap((name): readonly Evidence[] => {
    const value = header(headers, name);
    if (value === undefined) return [];
    return [{ kind: 'response', text: `${name}: ${value}`, says: 'What answered names itself.', audience: 'caller' }];
  });
}

function lookThere({ target }: AppResponse, reason: Reason | null): Remedy {
  const text =
    reason === null
      ? `Send the same request to ${target} from the server's own machine, and read the application's log at that time.`
      : `Give the application at ${target} what it asks for, or grant it there: ${reason.words}`;
  return {
    who: 'operator',
    say:
      reason === null
        ? 'Ask the application directly, and read its log.'
        : 'Settle it with the application: the server in front has nothing to change.',
    apply: 'by-hand',
    steps: [{ kind: 'manual', text }],
  };
}
