import type { Directive } from '../syntax/ast.ts';
import type { State } from './state.ts';

/** The block whose configuration is in force: a location (or `if` in one), else the server. */
export function scopeOf(state: State): Directive | null {
  return state.location ?? state.server;
}

/**
 * What a module's settings come to at a block: `read` gives the block's own or null, and the nearest block
 * outwards that has any decides. Remembered per block, because configurations are read far less than asked.
 */
export function inherited<T extends object>(read: (block: Directive) => T | null): (from: Directive | null) => T | null {
  const remembered = new WeakMap<Directive, { readonly value: T | null }>();
  const find = (from: Directive | null): T | null => {
    if (from === null) return null;
    const known = remembered.get(from);
    if (known !== undefined) return known.value;
    const value = read(from) ?? find(from.parent);
    remembered.set(from, { value });
    return value;
  };
  return find;
}

/** A block's own directives of that name, in order. */
export function own(block: Directive, name: string): readonly Directive[] {
  return block.block?.filter((directive) => directive.name === name) ?? [];
}

/** The last directive of that name in the innermost block that has one: for settings that hold one value. */
export function nearest(from: Directive | null, name: string): Directive | null {
  for (let block = from; block !== null; block = block.parent) {
    const written = own(block, name).at(-1);
    if (written !== undefined) return written;
  }
  return null;
}
