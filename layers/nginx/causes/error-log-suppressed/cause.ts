import { defineCause, type Detection, isSome, type Sighting } from '@why403/decision';
import { blockAt } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import type { Attributed } from '../../model/attribution/attribute.ts';
import { signatureOf } from '../../model/attribution/signature.ts';
import { type ErrorLog, errorLogsIn } from '../../model/logs/index.ts';
import { records } from '../../model/logs/in-force.ts';
import type { Directive } from '../../model/syntax/ast.ts';

/**
 * A refusal that nginx would write a line about, where the error log in force doesn't take lines of that level.
 * It refuses nothing: it is told beside what does, since the line that everybody looks for can't be there.
 */
export const cause = defineCause({
  id: 'nginx/error-log-suppressed',
  layer: 'server',
  title: 'The error log in force is set too high for the line that would tell of the refusal',
  refines: [],
  needs: ['nginx/refusals'],
  detect: ({ 'nginx/refusals': gathered }): Detection => {
    if (gathered.state === 'unavailable') return { verdict: 'undetermined', missing: [gathered.missing] };
    const all = gathered.value;
    const sightings = all.items
      .filter((item) => item.at === 0 && isLoud(item))
      .flatMap((item) => see(item, all))
      .slice(0, 1);
    if (isSome(sightings)) return { verdict: 'found', sightings };
    return isSome(all.missing) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
  },
});

/** Never a rival of what it stands beside. */
const BESIDE = 0.1;

/** Only what is logged at level error: limits have levels of their own, and what TLS refuses is told at info. */
function isLoud({ refusal }: Attributed): boolean {
  return signatureOf(refusal) !== 'silent' && refusal.kind !== 'limit' && refusal.kind !== 'built-in';
}

function see(item: Attributed, all: NginxRefusals): readonly Sighting[] {
  const logs = errorLogsIn(all.configuration, blockAt(item.walk, item.check), NOWHERE);
  if (logs.some((log) => records(log, 'error'))) return [];
  const [log] = logs.flatMap(written);
  if (log === undefined) return [];
  return [
    {
      at: 0,
      isBeside: true,
      title: `No line can tell of it: ${textOf(log)} at ${placeOf(log)} keeps lines of level error out`,
      why: 'nginx writes what it refuses at level error. An error log set to crit, alert or emerg, or to /dev/null, takes no such lines, so that a refusal with a line looks like one without: that nothing is found in the log means nothing here.',
      confidence: BESIDE,
      evidence: [quote(log, 'This is the error log in force where it was refused.')],
      remedies: [
        {
          who: 'operator',
          say: 'Set the level to error while you look for the cause: it adds a line for each refusal and opens nothing.',
          apply: 'by-hand',
          steps: [
            { kind: 'manual', text: `Change ${textOf(log)} at ${placeOf(log)} to level error, reload nginx, and send the request again.` },
          ],
        },
      ],
    },
  ];
}

/** The built-in log records errors, and only a written directive can be changed. */
const NOWHERE = { errorLog: 'error.log', accessLog: 'access.log' } as const;

function written({ directive }: ErrorLog): readonly Directive[] {
  return directive === null ? [] : [directive];
}
