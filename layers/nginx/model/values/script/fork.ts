import type { Answer, Ending } from '../script.ts';
import type { State, Text } from '../state.ts';

/** What a script can change of a state. */
export type Snapshot = Pick<State, 'uri' | 'args' | 'location' | 'captures' | 'capturesFrom' | 'isInternal' | 'isLocationStale'> & {
  readonly assigned: ReadonlyMap<string, Text>;
};

export function snapshot(state: State): Snapshot {
  const { uri, args, location, captures, capturesFrom, isInternal, isLocationStale } = state;
  return { uri, args, location, captures, capturesFrom, isInternal, isLocationStale, assigned: new Map(state.assigned) };
}

function restore(state: State, from: Snapshot): void {
  const { assigned, ...rest } = from;
  Object.assign(state, rest);
  state.assigned.clear();
  for (const [name, text] of assigned) state.assigned.set(name, text);
}

/** Runs `attempt` from a snapshot, on the state itself because others hold on to it, and restores it. */
export function fork<T>(state: State, from: Snapshot, attempt: () => T): T {
  const here = snapshot(state);
  restore(state, from);
  try {
    return attempt();
  } finally {
    restore(state, here);
  }
}

/** Whether nothing but variables (and the `if` that is in force) differs. */
export function sameState(left: Snapshot, right: Snapshot): boolean {
  return (
    left.uri === right.uri &&
    left.args === right.args &&
    left.isInternal === right.isInternal &&
    left.isLocationStale === right.isLocationStale
  );
}

/** What two ways come to: the same ending, or the answers that either could give. */
export function explored(
  left: Ending | null,
  right: Ending | null,
): { readonly ending: Ending | null; readonly candidates: readonly Answer[] } {
  const candidates = [...answersOf(left), ...answersOf(right)];
  if (left?.kind === 'answered' && right?.kind === 'answered' && isSame(left.answer, right.answer)) return { ending: left, candidates };
  return {
    ending: null,
    candidates: candidates.filter((one, at) => candidates.findIndex((other) => other.directive === one.directive) === at),
  };
}

function answersOf(ending: Ending | null): readonly Answer[] {
  if (ending?.kind === 'answered') return [ending.answer];
  return ending?.kind === 'undetermined' ? ending.candidates : [];
}

function isSame(left: Answer, right: Answer): boolean {
  return left.status === right.status && left.location === right.location && left.body === right.body && left.isDirect === right.isDirect;
}
