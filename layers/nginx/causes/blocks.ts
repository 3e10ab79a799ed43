import type { Check, Walk } from '../model/trace.ts';
import type { Directive } from '../model/syntax/ast.ts';

/** A block and everything around it, innermost first. */
export function chainOf(block: Directive | null): readonly Directive[] {
  const chain: Directive[] = [];
  for (let one = block; one !== null; one = one.parent) chain.push(one);
  return chain;
}

/** The first directive of that name in the innermost block that has one: how most nginx directives inherit. */
export function inherited(block: Directive | null, name: string): Directive | null {
  for (const one of chainOf(block)) {
    const own = one.block?.find((directive) => directive.name === name);
    if (own !== undefined) return own;
  }
  return null;
}

/** The location in force when a check was made; null when the server itself handles the request. */
export function locationAt(walk: Walk, check: Check): Directive | null {
  return walk.locations[Math.min(check.round, walk.locations.length - 1)] ?? null;
}

/** The innermost block in force when a check was made: a location, else the server. */
export function blockAt(walk: Walk, check: Check): Directive | null {
  return locationAt(walk, check) ?? walk.server.directive;
}

/** `location ^~ /private` as a name for sentences; `the server block` without a location. */
export function nameOf(block: Directive | null): string {
  if (block === null) return 'the configuration';
  if (block.name === 'location') return `location ${block.args.join(' ')}`;
  if (block.name === 'server') return 'the server block';
  return `the ${block.name} block`;
}
