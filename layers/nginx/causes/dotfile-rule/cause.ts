import { defineCause, type Remedy, type Some } from '@why403/decision';
import { locationAt, nameOf } from '../blocks.ts';
import { draftDenial } from '../denial/draft.ts';
import { admitClient, keep } from '../denial/remedies.ts';
import { type Denial, isDotfileLocation } from '../denial/shape.ts';
import type { NginxRefusals } from '../evidence.ts';
import { insertBefore } from '../../model/syntax/edit.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { isSensitivePath } from '../sensitive-path.ts';
import { detectRefusals } from '../sightings.ts';

const WELL_KNOWN = /^\/\.well-known\/(?:[A-Za-z0-9._-]+\/)?/;

export const cause = defineCause({
  id: 'nginx/dotfile-rule',
  layer: 'server',
  title: 'A rule against dotfiles catches this path',
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'access-rule', (item, all) => {
      if (!isDotfileLocation(item, all)) return null;
      const location = locationAt(item.walk, item.check);
      const { rule } = item.refusal;
      return draftDenial(
        item,
        all,
        {
          title: `${nameOf(location)} keeps dotfiles private and catches ${all.request.target}`,
          why: `The location matches path segments that begin with a dot, and ${textOf(rule)} at ${placeOf(rule)} refuses everyone there. That is right for files such as .git and .env; only what is meant to be public, like /.well-known/, needs an exception.`,
        },
        {
          evidence: location === null ? [] : [quote(location, 'This location was chosen for the path.')],
          remedies: remediesOf(item, all),
        },
      );
    }),
});

/** A prefix location with `^~` beside the rule wins over the regex (nginx's choice of location), for that one directory. */
function remediesOf(item: Denial, all: NginxRefusals): Some<Remedy> {
  const { target } = all.request;
  const prefix = WELL_KNOWN.exec(target)?.[0];
  const location = locationAt(item.walk, item.check);
  if (prefix === undefined || location === null)
    return isSensitivePath(target) ? [keep(target)] : [keep(target), ...admitClient(item, all)];
  return [
    {
      who: 'operator',
      say: `Except ${prefix} alone: a ^~ prefix location is chosen before regex locations are looked at, and the rule against dotfiles stays as it is.`,
      apply: 'review',
      steps: [{ kind: 'edit', edits: [insertBefore(all.configuration, location, `location ^~ ${prefix} {\n}`)] }],
    },
  ];
}
