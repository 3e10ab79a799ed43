import { defineCause } from '@why403/decision';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/waf-before-access',
  layer: 'waf',
  title: 'A web application firewall may refuse before the address rules are asked',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'module', (item) => {
      const { rule, module } = item.refusal;
      if (module !== 'modsecurity') return null;
      return {
        title: `ModSecurity (${textOf(rule)} at ${placeOf(rule)}) looks at the request before allow and deny do`,
        why: 'In nginx the firewall runs in the rewrite and preaccess phases. When it refuses, no address rule, password or file is looked at: what they would say comes to light only after it is lifted.',
        evidence: [quote(rule, 'The firewall is switched on here.')],
        remedies: [
          {
            who: 'operator',
            say: 'Find the rule in the audit log by the time and the path of the request, and exclude it for that path and argument only.',
            apply: 'by-hand',
            steps: [{ kind: 'manual', text: 'Read the ModSecurity audit log for this request.' }],
          },
        ],
      };
    }),
});
