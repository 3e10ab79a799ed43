import { defineCause, type Remedy } from '@why403/decision';
import { header } from '@why403/terms/request';
import type { Directive } from '../../model/syntax/ast.ts';
import { replace } from '../../model/syntax/index.ts';
import { blockAt, inherited } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { reviseCondition } from '../returned/remedies.ts';
import { evidenceOf, ledBy } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/valid-referers',
  layer: 'server',
  title: 'Hotlink protection refuses this Referer',
  refines: ['nginx/geo-map-block', 'nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      const led = ledBy(item, (variable) => variable === 'invalid_referer');
      if (led === null) return null;
      const { rule, condition } = item.refusal;
      const referer = header(all.request.headers, 'referer');
      const list = led.directive ?? inherited(blockAt(item.walk, item.check), 'valid_referers');
      const came = referer === undefined ? 'A request without a Referer' : `Referer ${referer}`;
      return {
        title: `${came} is not on the list of valid_referers${list === null ? '' : ` at ${placeOf(list)}`}`,
        why: `$invalid_referer is "1", so ${textOf(rule)} at ${placeOf(rule)} refuses. A missing Referer passes only with none, one that a proxy mangled only with blocked.`,
        evidence: [
          evidenceOf(item)[0],
          ...(list === null ? [] : [quote(list, 'These are the Referers that pass.')]),
          ...evidenceOf(item).slice(1),
        ],
        remedies: [list === null ? reviseCondition(condition ?? rule) : admit(list, referer, all)],
      };
    }),
});

function admit(list: Directive, referer: string | undefined, all: NginxRefusals): Remedy {
  const word = wordFor(referer);
  const words = list.words.map((one) => one.raw);
  return {
    who: 'operator',
    say: `Add ${word} to valid_referers at ${placeOf(list)}.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [replace(all.configuration, list, `${[...words, word].join(' ')};`)] }],
  };
}

/** `none` for no header; `blocked` for one without a scheme or too short to hold a host (ngx_http_referer_module); else its host. */
function wordFor(referer: string | undefined): string {
  if (referer === undefined || referer === '') return 'none';
  const host = /^https?:\/\/([^/:?#]+)/i.exec(referer)?.[1];
  return host === undefined || referer.length < 11 ? 'blocked' : host.toLowerCase();
}
