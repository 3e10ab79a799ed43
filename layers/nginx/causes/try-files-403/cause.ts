import { defineCause } from '@why403/decision';
import { replace } from '../../model/syntax/index.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/try-files-403',
  layer: 'server',
  title: 'try_files ends in =403 and nothing before it exists',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'try-files-status', (item, all) => {
      const { rule, status } = item.refusal;
      if (status !== 403) return null;
      const candidates = rule.args.slice(0, -1).join(', ');
      const words = rule.words.map((word) => word.raw);
      return {
        title: `${textOf(rule)} at ${placeOf(rule)} answers 403 because none of ${candidates} exists`,
        why: 'try_files looks for each candidate in turn and answers with the code at its end when it finds none. The request is not forbidden: there is nothing there, or not where nginx looks.',
        evidence: [quote(rule, `None of ${candidates} was found for ${all.request.target}.`)],
        remedies: [
          {
            who: 'operator',
            say: 'Put the file where try_files looks for it, or correct the path that was asked for.',
            apply: 'by-hand',
            steps: [{ kind: 'manual', text: `Create what ${textOf(rule)} looks for, or mend root.` }],
          },
          {
            who: 'operator',
            say: 'Answer 404 for what does not exist, so that nobody looks for a permission that is not the matter.',
            apply: 'by-hand',
            steps: [{ kind: 'edit', edits: [replace(all.configuration, rule, `${[...words.slice(0, -1), '=404'].join(' ')};`)] }],
          },
        ],
      };
    }),
});
