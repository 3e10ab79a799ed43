import { defineCause, type Detection, type Evidence, type Remedy, type Some } from '@why403/decision';
import type { ChangedFile, Reload } from '../evidence.ts';

/** From the first of these on an answer is a refusal or a failure. */
const FIRST_REFUSAL = 400;

/**
 * How much a change since the last reading weighs when the answer differs from what the files say. A new
 * time of content is proof; a folder's may come from an unrelated file, and an inode's from chmod.
 */
const WEIGHT: Readonly<Record<ChangedFile['by'], number>> = { content: 0.96, names: 0.8, inode: 0.7 };
const FAILED_RELOAD = 0.97;

const HOW: Readonly<Record<ChangedFile['by'], string>> = {
  content: 'was written',
  names: 'got or lost a file',
  inode: 'was moved, or its rights were changed,',
};

function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

function evidenceOf(reload: Reload, observed: number, foretold: number): Some<Evidence> {
  const since = reload.readAt === null ? '' : ` after ${reload.product} had read its configuration (${time(reload.readAt)})`;
  const changes = reload.changed.map(
    (file): Evidence => ({ kind: 'file', file: file.path, says: `It ${HOW[file.by]} on ${time(file.at)}${since}.`, audience: 'operator' }),
  );
  return [
    { kind: 'probe', says: `The running server answered ${observed}.`, audience: 'caller' },
    { kind: 'trace', says: `By the files as they are now, it would answer ${foretold}.`, audience: 'operator' },
    ...(reload.failed === null ? [] : [reload.failed]),
    ...changes,
  ];
}

function remedyOf(reload: Reload): Remedy {
  if (reload.failed !== null) {
    const first = { kind: 'manual', text: "Correct what the server's log complains about, then reload." } as const;
    return {
      who: 'operator',
      say: `Correct the configuration that ${reload.product} refused to load, then reload it.`,
      apply: 'by-hand',
      steps: [first, ...reload.reload],
    };
  }
  const steps = reload.reload.length > 0 ? reload.reload : [{ kind: 'manual', text: `Reload ${reload.product}.` } as const];
  return {
    who: 'operator',
    say: `Reload ${reload.product}. That brings every change made since into force, not only the one for this request.`,
    apply: 'review',
    steps,
  };
}

function detect(reload: Reload): Detection {
  const { changed, failed, observed, foretold, product } = reload;
  if (failed === null && reload.readAt === null)
    return { verdict: 'undetermined', missing: ['when the running server read its configuration'] };
  if (failed === null && changed.length === 0) return { verdict: 'excluded' };
  if (observed === null) return { verdict: 'undetermined', missing: ['what the running server answers: it was not asked'] };
  // a request that is let through is refused by nobody
  if (observed < FIRST_REFUSAL) return { verdict: 'excluded' };
  if (foretold === null) return { verdict: 'undetermined', missing: ['what the files as they are now would answer'] };
  // reading the files again would change nothing for this request
  if (foretold === observed) return { verdict: 'excluded' };
  const isAdmitted = foretold < FIRST_REFUSAL;
  const confidence = failed === null ? Math.max(...changed.map((file) => WEIGHT[file.by])) : FAILED_RELOAD;
  return {
    verdict: 'found',
    sightings: [
      {
        at: 0,
        title: isAdmitted
          ? `The running ${product} has not read the configuration that admits this request`
          : `The running ${product} still refuses by a configuration that has changed since`,
        why:
          failed === null
            ? `${product} keeps the configuration that it read at its start or last reload. It changed since, and by the files as they are now the answer would be ${foretold} and not ${observed}.`
            : `${product} was told to reload, could not, and went on with the configuration it had. By the files as they are now the answer would be ${foretold} and not ${observed}.`,
        confidence: isAdmitted ? confidence : Math.min(confidence, 0.9),
        evidence: evidenceOf(reload, observed, foretold),
        remedies: [remedyOf(reload)],
      },
    ],
  };
}

export const cause = defineCause({
  id: 'server/not-reloaded',
  layer: 'server',
  title: 'The running server has not read its configuration since it changed',
  refines: [],
  needs: ['server/reload'],
  detect: ({ 'server/reload': reload }) =>
    reload.state === 'gathered' ? detect(reload.value) : { verdict: 'undetermined', missing: [reload.missing] },
});
