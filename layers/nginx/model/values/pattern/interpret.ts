import { holds, NEWLINE, type Node, WORD } from './node.ts';
import { widthOf } from './traits.ts';

/** The groups of a match; null: none; `exhausted`: given up, the answer is not known. */
export type Found = readonly (string | undefined)[] | null | 'exhausted';

/** Steps before giving up: a fraction of a second at most. */
const STEPS = 200_000;
const DEPTH = 1_500;

class Exhausted extends Error {}

interface Run {
  readonly text: string;
  /** Code points, or units of a byte subject. */
  readonly codes: readonly number[];
  /** Pairs of start and end, -1 when unset. */
  readonly groups: Int32Array;
  steps: number;
  depth: number;
}

type Next = (at: number) => boolean;
type Matcher = (run: Run, at: number, next: Next) => boolean;

/** A backtracking matcher that walks as PCRE2's does, for patterns that JavaScript would answer otherwise. */
export function interpreter(root: Node, groups: number): (text: string) => Found {
  const matcher = compile(root);
  return (text) => {
    const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
    const run: Run = { text, codes, groups: new Int32Array((groups + 1) * 2).fill(-1), steps: STEPS, depth: 0 };
    try {
      for (let start = 0; start <= codes.length; start++) {
        let end = -1;
        const isFound = matcher(run, start, (at) => {
          end = at;
          return true;
        });
        if (isFound) return cut(run, start, end);
      }
      return null;
    } catch (error) {
      if (error instanceof Exhausted) return 'exhausted';
      throw error;
    }
  };
}

function cut(run: Run, start: number, end: number): readonly (string | undefined)[] {
  run.groups[0] = start;
  run.groups[1] = end;
  const found: (string | undefined)[] = [];
  for (let at = 0; at < run.groups.length; at += 2) {
    const from = run.groups[at] ?? -1;
    found.push(from < 0 ? undefined : String.fromCodePoint(...run.codes.slice(from, run.groups[at + 1])));
  }
  return found;
}

function spend(run: Run): void {
  if (--run.steps < 0) throw new Exhausted();
}

function compile(node: Node): Matcher {
  switch (node.kind) {
    case 'codes':
      return (run, at, next) => {
        spend(run);
        const code = run.codes[at];
        return code !== undefined && holds(node.codes, code) && next(at + 1);
      };
    case 'sequence':
      return node.items.map(compile).reduceRight<Matcher>(
        (after, item) => (run, at, next) => item(run, at, (to) => after(run, to, next)),
        (_, at, next) => next(at),
      );
    case 'choice': {
      const branches = node.branches.map(compile);
      return (run, at, next) => branches.some((branch) => branch(run, at, next));
    }
    case 'group':
      return compileGroup(node.number, compile(node.body));
    case 'repeat':
      return node.body.kind === 'codes'
        ? compileRun(node.body.codes, node.min, node.max, node.isLazy)
        : compileRepeat(compile(node.body), node.min, node.max, node.isLazy);
    case 'atomic': {
      const body = compile(node.body);
      return (run, at, next) => {
        const before = run.groups.slice();
        const end = alone(run, at, body);
        if (end !== null && next(end)) return true;
        run.groups.set(before);
        return false;
      };
    }
    case 'look':
      return compileLook(node);
    case 'assertion':
      return (run, at, next) => {
        spend(run);
        return stands(node.at, run.codes, at) && next(at);
      };
    case 'reference':
      return compileReference(node.numbers, node.isCaseless);
  }
}

/** Where the first way through the body ends, its groups kept; null when there is no way. */
function alone(run: Run, at: number, body: Matcher): number | null {
  const before = run.groups.slice();
  let end: number | null = null;
  const isFound = body(run, at, (to) => {
    end = to;
    return true;
  });
  if (!isFound) run.groups.set(before);
  return isFound ? end : null;
}

function compileGroup(number: number, body: Matcher): Matcher {
  return (run, at, next) => {
    const from = run.groups[number * 2] ?? -1;
    const to = run.groups[number * 2 + 1] ?? -1;
    const isFound = body(run, at, (end) => {
      const innerFrom = run.groups[number * 2] ?? -1;
      const innerTo = run.groups[number * 2 + 1] ?? -1;
      run.groups[number * 2] = at;
      run.groups[number * 2 + 1] = end;
      if (next(end)) return true;
      run.groups[number * 2] = innerFrom;
      run.groups[number * 2 + 1] = innerTo;
      return false;
    });
    if (!isFound) {
      run.groups[number * 2] = from;
      run.groups[number * 2 + 1] = to;
    }
    return isFound;
  };
}

/** A repeated character, without one call per character. */
function compileRun(codes: readonly number[], min: number, max: number, isLazy: boolean): Matcher {
  return (run, at, next) => {
    const limit = Math.min(max, run.codes.length - at);
    let most = 0;
    while (most < limit && holds(codes, run.codes[at + most] ?? -1)) most++;
    run.steps -= most >> 3;
    if (isLazy) {
      for (let count = min; count <= most; count++) {
        spend(run);
        if (next(at + count)) return true;
      }
      return false;
    }
    for (let count = most; count >= min; count--) {
      spend(run);
      if (next(at + count)) return true;
    }
    return false;
  };
}

function compileRepeat(body: Matcher, min: number, max: number, isLazy: boolean): Matcher {
  const turn = (run: Run, at: number, next: Next, count: number): boolean => {
    spend(run);
    if (++run.depth > DEPTH) throw new Exhausted();
    const more = (): boolean =>
      count < max &&
      body(run, at, (to) => {
        // PCRE2 lets an empty turn pass once and then goes on behind the repetition.
        if (to === at && count >= min) return next(to);
        return turn(run, to, next, count + 1);
      });
    const isFound = count < min ? more() : isLazy ? next(at) || more() : more() || next(at);
    run.depth--;
    return isFound;
  };
  return (run, at, next) => turn(run, at, next, 0);
}

function compileLook(node: Extract<Node, { kind: 'look' }>): Matcher {
  const branches = node.isAhead || node.body.kind !== 'choice' ? [node.body] : node.body.branches;
  const bodies = branches.map((branch) => ({ matcher: compile(branch), width: node.isAhead ? 0 : (widthOf(branch) ?? 0) }));
  return (run, at, next) => {
    const before = run.groups.slice();
    const isSeen = bodies.some(({ matcher, width }) => at >= width && alone(run, at - width, matcher) !== null);
    if (node.isNegative) run.groups.set(before);
    if (isSeen !== node.isNegative && next(at)) return true;
    run.groups.set(before);
    return false;
  };
}

function compileReference(numbers: readonly number[], isCaseless: boolean): Matcher {
  const fold = (code: number): number => (isCaseless && code >= 65 && code <= 90 ? code + 32 : code);
  return (run, at, next) => {
    spend(run);
    const number = numbers.find((one) => (run.groups[one * 2] ?? -1) >= 0);
    // A group that took no part can't be referred to.
    if (number === undefined) return false;
    const from = run.groups[number * 2] ?? 0;
    const length = (run.groups[number * 2 + 1] ?? 0) - from;
    for (let step = 0; step < length; step++) {
      const code = run.codes[at + step];
      if (code === undefined || fold(code) !== fold(run.codes[from + step] ?? -1)) return false;
    }
    return next(at + length);
  };
}

function stands(at: Extract<Node, { kind: 'assertion' }>['at'], codes: readonly number[], index: number): boolean {
  const isWord = (code: number | undefined): boolean => code !== undefined && holds(WORD, code);
  const isEnd = index === codes.length;
  switch (at) {
    case 'start':
      return index === 0;
    case 'end':
      return isEnd;
    case 'last-line':
      return isEnd || (index === codes.length - 1 && codes[index] === NEWLINE);
    case 'line-start':
      return index === 0 || (codes[index - 1] === NEWLINE && !isEnd);
    case 'line-end':
      return isEnd || codes[index] === NEWLINE;
    case 'word-edge':
      return isWord(codes[index - 1]) !== isWord(codes[index]);
    case 'no-word-edge':
      return isWord(codes[index - 1]) === isWord(codes[index]);
  }
}
