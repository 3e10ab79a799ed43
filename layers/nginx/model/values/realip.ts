import type { ClientAddress } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import type { State } from './state.ts';

/** The realip settings in force somewhere, each the innermost that is written. */
export interface Realip {
  readonly from: readonly Directive[];
  readonly header: Directive | null;
  readonly recursive: Directive | null;
}

/** Settings in force for a server or location, or null when no address is trusted there. */
export declare function compileRealip(scope: Directive | null): Realip | null;
/** Computes the client's address and leaves it in the state. nginx does it once per request, in post-read or else preaccess. */
export declare function resolveClient(realip: Realip | null, state: State): { readonly client: ClientAddress; readonly missing: string | null };
