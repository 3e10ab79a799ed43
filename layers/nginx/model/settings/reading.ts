import type { Configuration, Directive } from '../syntax/ast.ts';
import { type CompiledText, compileText } from '../values/expand.ts';

export type LocationKind = 'exact' | 'prefix' | 'preferred' | 'regex' | 'named';
export type ScopeKind = 'http' | 'server' | LocationKind | 'if' | 'limit-except';

/** One block about to be read. */
export interface Reading {
  readonly configuration: Configuration;
  /** The block's own directive. */
  readonly directive: Directive;
  readonly kind: ScopeKind;
  /** The location's name as bytes; that of the location around for if and limit_except. */
  readonly name: string;
  readonly block: readonly Directive[];
  /** The block's directives by name, each list in file order. */
  readonly groups: ReadonlyMap<string, readonly Directive[]>;
  readonly encoding: 'utf8' | 'latin1';
  readonly zones: Zones;
}

/** Keys of limit_req_zone and limit_conn_zone, by module and zone. */
export type Zones = ReadonlyMap<string, CompiledText>;

export function groupByName(block: readonly Directive[]): ReadonlyMap<string, readonly Directive[]> {
  const groups = new Map<string, Directive[]>();
  for (const directive of block) {
    const group = groups.get(directive.name);
    if (group === undefined) groups.set(directive.name, [directive]);
    else group.push(directive);
  }
  return groups;
}

export function lastOf(groups: ReadonlyMap<string, readonly Directive[]>, name: string): Directive | null {
  return groups.get(name)?.at(-1) ?? null;
}

/** A value with variables, ready to expand. */
export function textOf(value: string, encoding: 'utf8' | 'latin1'): CompiledText {
  return compileText(value, encoding);
}
