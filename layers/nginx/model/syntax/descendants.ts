import type { Directive } from './ast.ts';

/** Every directive of a list and of the blocks in it, outermost first, in the order of the text. */
export function descendants(list: readonly Directive[]): readonly Directive[] {
  return list.flatMap((one) => (one.block === null ? [one] : [one, ...descendants(one.block)]));
}
