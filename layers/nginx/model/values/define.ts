import type { Configuration, Directive } from '../syntax/ast.ts';
import type { State, Text } from './state.ts';

/** A variable that the configuration or nginx itself defines. */
export interface Variable {
  readonly name: string;
  /** Whether nginx keeps the first value it computed for the rest of the request. */
  readonly isCacheable: boolean;
  readonly evaluate: (state: State) => Text;
}

/** Every variable of a configuration. Made once, used by many requests. */
export interface Definitions {
  readonly configuration: Configuration;
  /** Null when nothing defines it: nginx refuses such a configuration. */
  lookup(name: string): Variable | null;
  /** Variables used but defined nowhere, with the directive that uses them. */
  readonly unknown: readonly { readonly name: string; readonly directive: Directive }[];
  /** How the text of a directive's file became text: needed to turn it back into bytes. */
  encodingOf(directive: Directive): 'utf8' | 'latin1';
}

export declare function define(configuration: Configuration): Definitions;
