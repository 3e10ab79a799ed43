import type { Directive } from './ast.ts';

/** Every directive of a list and of the blocks in it, outermost first, in the order of the text. */
export function descendants(list: readonly Directive[]): readonly Directive[] {
  const found: Directive[] = [];
  collect(list, found);
  return found;
}

function collect(list: readonly Directive[], into: Directive[]): void {
  for (const one of list) {
    into.push(one);
    if (one.block !== null) collect(one.block, into);
  }
}
