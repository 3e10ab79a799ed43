import { ACCESS } from './access.ts';
import { CONTENT } from './content.ts';
import { GATEWAYS } from './gateways.ts';
import { INERT } from './inert.ts';
import { REWRITING } from './rewriting.ts';
import { type Scope, type Sprinkle, sprinkle } from './scope.ts';
import { block, type Statement } from './statement.ts';
import { PREFIXES, REGEXES } from './vocabulary.ts';

export const ANYWHERE: readonly Sprinkle[] = [...ACCESS, ...REWRITING, ...CONTENT, ...GATEWAYS, ...INERT];

const DEPTH = 3;

/** Locations of one level, nested up to three deep; names don't repeat, since nginx takes no duplicates. */
export function locations(scope: Scope, depth = 1): readonly Statement[] {
  const { random } = scope;
  const count =
    depth === 1
      ? 2 + random.below(4)
      : random.weighed([
          [5, 0],
          [3, 1],
          [2, 2],
          [1, 3],
        ]);
  const seen = new Set<string>();
  const out: Statement[] = [];
  for (let tried = 0; tried < count; tried += 1) {
    const kind = random.weighed<'' | '=' | '^~' | '~' | '~*'>([
      [5, ''],
      [2, '='],
      [2, '^~'],
      [3, '~'],
      [1, '~*'],
    ]);
    const text = kind === '~' || kind === '~*' ? random.pick(REGEXES) : within(scope);
    const key = kind === '~' || kind === '~*' ? kind + text : kind === '=' ? `=${text}` : text;
    if (text === null || key === null || seen.has(key)) continue;
    seen.add(key);
    out.push(location({ ...scope, level: 'location', location: { kind, text } }, depth));
  }
  return out;
}

/** A prefix that may stand here: nested in another location, even a regex, it must start with that one's text. */
function within({ random, location: outer }: Scope): string | null {
  const [first, ...rest] = outer === null ? PREFIXES : PREFIXES.filter((prefix) => prefix.startsWith(outer.text));
  return first === undefined ? null : random.pick([first, ...rest]);
}

function location(scope: Scope, depth: number): Statement {
  const { random, location: own } = scope;
  const words = own === null ? ['/'] : own.kind === '' ? [own.text] : [own.kind, own.text];
  const inside = sprinkle(ANYWHERE, scope);
  // nginx takes no location inside an exact one.
  const nested = depth < DEPTH && own?.kind !== '=' ? locations(scope, depth + 1) : [];
  // alias and root in one block are a mistake that nginx refuses; now and then is enough of that.
  const names = new Set(inside.map(({ name }) => name));
  const fitting = names.has('alias') && names.has('root') && !random.chance(0.05) ? inside.filter(({ name }) => name !== 'root') : inside;
  return block('location', words, random.chance(0.5) ? [...fitting, ...nested] : [...nested, ...fitting]);
}

export function namedLocation(scope: Scope, name: string): Statement {
  return block(
    'location',
    [name],
    sprinkle(ANYWHERE, { ...scope, level: 'location', location: { kind: '@', text: name } }).filter(
      ({ name: directive }) => directive !== 'internal' && directive !== 'alias',
    ),
  );
}
