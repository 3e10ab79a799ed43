import { defineCause, type Evidence, type Remedy, type Some } from '@why403/decision';
import type { Directive } from '../../model/syntax/ast.ts';
import type { Provenance } from '../../model/trace.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/secure-link',
  layer: 'server',
  title: 'The signature or the time in the link does not hold',
  refines: ['nginx/geo-map-block', 'nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'secure-link', (item) => {
      const { rule, condition, provenance = [] } = item.refusal;
      const value = provenance.find((one) => one.variable === 'secure_link')?.value;
      const expired = value === '0';
      return {
        title: `${expired ? 'The link has expired' : 'The link has no valid signature'}: ${textOf(rule)} at ${placeOf(rule)}`,
        why: expired
          ? '$secure_link is "0": the signature is right, but the time in the link has passed by the clock of this server.'
          : '$secure_link is empty: the hash in the link is missing or is not the one that secure_link_md5 or secure_link_secret gives for this URI and this client.',
        evidence: evidenceOf(rule, condition, provenance),
        remedies: REMEDIES,
      };
    }),
});

function evidenceOf(rule: Directive, condition: Directive | null, provenance: readonly Provenance[]): Some<Evidence> {
  return [
    quote(rule, 'This return answers when the link does not hold; nginx logs nothing for it.'),
    ...(condition === null ? [] : [quote(condition, 'This condition is true for the request.')]),
    ...provenance.flatMap((one) => (one.directive === null ? [] : [quote(one.directive, `$${one.variable} comes from here.`)])),
  ];
}

const REMEDIES: Some<Remedy> = [
  {
    who: 'caller',
    say: 'Ask the page that handed out the link for a new one. The hash covers the exact URI, often the time and the client address, so a copied, shortened or re-encoded link fails.',
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: 'Get the link anew and use it unchanged, before it expires.' }],
  },
  {
    who: 'operator',
    say: 'Compare what the application signs with what secure_link_md5 names: the same order, the decoded URI, base64url without padding, and clocks that agree.',
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: 'Sign in the application exactly the expression of secure_link_md5.' }],
  },
];
