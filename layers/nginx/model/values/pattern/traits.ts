import type { Node } from './node.ts';

/** Whether it can match without taking a character. */
export function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'codes':
      return false;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'choice':
      return node.branches.some(canBeEmpty);
    case 'group':
    case 'atomic':
      return canBeEmpty(node.body);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
    case 'look':
    case 'assertion':
    case 'reference':
      return true;
  }
}

/** The parts directly inside. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'choice':
      return node.branches;
    case 'codes':
    case 'assertion':
    case 'reference':
      return [];
    default:
      return [node.body];
  }
}

export function some(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || partsOf(node).some((part) => some(part, test));
}

/** How many characters it takes, or null when that varies. */
export function widthOf(node: Node): number | null {
  switch (node.kind) {
    case 'codes':
      return 1;
    case 'assertion':
    case 'look':
      return 0;
    case 'reference':
      return null;
    case 'sequence':
      return node.items.reduce<number | null>((sum, item) => added(sum, widthOf(item)), 0);
    case 'choice': {
      const [first, ...rest] = node.branches.map(widthOf);
      return first !== undefined && rest.every((width) => width === first) ? first : null;
    }
    case 'repeat': {
      const width = widthOf(node.body);
      return width !== null && node.min === node.max ? width * node.min : null;
    }
    case 'group':
    case 'atomic':
      return widthOf(node.body);
  }
}

function added(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}

/**
 * Whether JavaScript's engine gives the same answer and groups as PCRE2 and can't run away: no references,
 * no atomic parts, nothing captured behind the cursor, and no repetition of what itself repeats without end,
 * may be empty, or may leave a group out (JavaScript forgets groups at each turn, PCRE2 keeps them).
 */
export function isPlain(node: Node): boolean {
  return !some(node, (part) => {
    if (part.kind === 'reference' || part.kind === 'atomic') return true;
    if (part.kind === 'look') return !part.isAhead && some(part.body, (inner) => inner.kind === 'group' || inner.kind === 'repeat');
    if (part.kind !== 'repeat' || part.max <= 1) return false;
    if (part.body.kind === 'codes') return false;
    const hasGroup = some(part.body, (inner) => inner.kind === 'group');
    return (hasGroup && (canBeEmpty(part.body) || leavesGroupOut(part.body))) || runsAway(part.body);
  });
}

/** A group behind an alternative or an optional part. */
function leavesGroupOut(node: Node): boolean {
  const isOptional = node.kind === 'choice' || (node.kind === 'repeat' && node.min === 0);
  if (isOptional) return partsOf(node).some((part) => some(part, (inner) => inner.kind === 'group'));
  return partsOf(node).some(leavesGroupOut);
}

/** A repetition inside a repetition, or alternatives inside one: where backtracking can explode. */
function runsAway(node: Node): boolean {
  return some(
    node,
    (part) =>
      (part.kind === 'repeat' && part.max > 1 && part.min !== part.max) ||
      part.kind === 'choice' ||
      (part.kind === 'repeat' && part.min === 0),
  );
}
