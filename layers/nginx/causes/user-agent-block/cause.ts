import { defineCause, type Remedy, type Some } from '@why403/decision';
import { header } from '@why403/terms/request';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, textOf } from '../quote.ts';
import { withoutMatchingAlternative } from '../returned/alternation.ts';
import { exceptInTable, reviseCondition } from '../returned/remedies.ts';
import { evidenceOf, ledBy, type Returned } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/user-agent-block',
  layer: 'server',
  title: 'A rule keyed on the User-Agent refuses',
  refines: ['nginx/geo-map-block', 'nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      if (ledBy(item, (variable) => variable === 'http_user_agent') === null) return null;
      const { rule, condition } = item.refusal;
      const agent = header(all.request.headers, 'user-agent');
      return {
        title: `${agent === undefined ? 'A request without a User-Agent' : `User-Agent "${agent}"`} is refused by ${textOf(rule)} at ${placeOf(rule)}`,
        why: `The condition ${condition === null ? 'that leads there' : `at ${placeOf(condition)}`} looks at the User-Agent header, which any client can choose. The same request with another User-Agent passes it.`,
        evidence: evidenceOf(item),
        remedies: remediesOf(item, all, agent ?? ''),
      };
    }),
});

/** How the probe names itself when nobody gives it another name; the mark in it is another one each time. */
const PROBE = /^why403\/\S+ \(probe [0-9a-f]+\)$/;

function remediesOf(item: Returned, all: NginxRefusals, agent: string): Some<Remedy> {
  // An exception for the probe would help nobody: the question is what becomes of the client that it stands for.
  if (PROBE.test(agent)) return [ASK_AS_THE_CLIENT];
  const { condition, rule } = item.refusal;
  const led = ledBy(item, (variable) => variable === 'http_user_agent');
  const except = led === null ? null : (exceptInTable(item, led, all) ?? withoutMatchingAlternative(item, agent, all));
  const caller: Remedy = {
    who: 'caller',
    say: 'Name your client honestly in the User-Agent header; lists like this one refuse the defaults of tools.',
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: 'Send a User-Agent of your own with the request (curl: -A NAME).' }],
  };
  return [except ?? reviseCondition(condition ?? rule), caller];
}

const ASK_AS_THE_CLIENT: Remedy = {
  who: 'caller',
  say: "It is the name of why403's own probe that is refused. Ask again by the name of the client that the question is about: only that shows what becomes of it.",
  apply: 'by-hand',
  steps: [{ kind: 'manual', text: "Repeat the diagnosis with the client's own User-Agent: -A NAME." }],
};
