import { defineCause, type Detection, isSome, type Remedy, type Sighting } from '@why403/decision';
import type { Mismatch } from '../../model/mismatch.ts';

/** The request came without TLS to a port that speaks TLS, or with a method that is not answered there. */
export const cause = defineCause({
  id: 'client/wrong-method-or-scheme',
  layer: 'client',
  title: 'The request came by the wrong scheme, or with a method that is not answered there',
  refines: [],
  needs: ['client/mismatches'],
  detect: ({ 'client/mismatches': gathered }): Detection => {
    if (gathered.state === 'unavailable') return { verdict: 'undetermined', missing: [gathered.missing] };
    const { mismatches, missing } = gathered.value;
    const sightings = mismatches.flatMap((one): readonly Sighting[] => {
      const evidence = [...(one.rule === null ? [] : [one.rule]), ...one.observed];
      if (!isSome(evidence)) return [];
      const { at, confidence } = one;
      return [{ at, confidence, evidence, ...(one.kind === 'plain-http' ? plainHttp(one) : method(one)) }];
    });
    if (isSome(sightings)) return { verdict: 'found', sightings };
    return isSome(missing) ? { verdict: 'undetermined', missing } : { verdict: 'excluded' };
  },
});

type Words = Pick<Sighting, 'title' | 'why' | 'remedies'>;

function plainHttp({ url }: Mismatch): Words {
  const secure = url.replace(/^http:/, 'https:');
  return {
    title: 'The request came as plain HTTP to a port that speaks HTTPS',
    why: 'The port takes requests only through TLS. The server can tell that this one came without, and answers 400 before any rule of the site is asked: nobody is let in this way, with or without permission.',
    remedies: [
      caller('Ask by https.', `Ask for ${secure}`),
      {
        who: 'operator',
        say: 'Where people keep coming this way, answer with a redirect instead of an error.',
        apply: 'by-hand',
        steps: [
          {
            kind: 'manual',
            text: 'Redirect plain HTTP on this port to https with the same host, port and path (nginx: error_page 497 https://$host:$server_port$request_uri;).',
          },
        ],
      },
    ],
  };
}

function method({ method: name, says }: Mismatch): Words {
  return {
    title: `${name} is not answered there: ${says}`,
    why: 'The refusal is about the method and not about who asks (RFC 9110 §15.5.6): the same address may well answer another one. An API that should take it is often reached under another path, or a proxy or script that would take it was not chosen.',
    remedies: [
      caller(
        'Use a method that is answered there, or the address that takes this one.',
        `Compare with a GET of the same address; if ${name} is meant, look for a missing path prefix or slash at the end.`,
      ),
      {
        who: 'operator',
        say: `If ${name} is meant to work there, hand the request to what can carry it out.`,
        apply: 'by-hand',
        steps: [
          {
            kind: 'manual',
            text: 'See which location takes the request, and let the application handle it there instead of serving files.',
          },
        ],
      },
    ],
  };
}

function caller(say: string, text: string): Remedy {
  return { who: 'caller', say, apply: 'by-hand', steps: [{ kind: 'manual', text }] };
}
