import type { Provenance } from '../trace.ts';
import type { Directive } from '../syntax/ast.ts';
import type { Reading } from './define.ts';
import { compileSteps, type Step } from './script/compile.ts';
import { Runner } from './script/run.ts';
import type { State } from './state.ts';

/** The rewrite module's directives of one server or location, ready to run. */
export interface Script {
  readonly level: 'server' | 'location';
  /** Nothing to run. */
  readonly isEmpty: boolean;
  readonly steps: readonly Step[];
}

/** What a script noted on its way, for the trace. */
export interface Note {
  readonly directive: Directive;
  readonly says: string;
  /** Whether a condition held; null for what isn't a condition. */
  readonly held: boolean | null;
}

/** A `return`, or a `rewrite` that answers with a redirect. */
export interface Answer {
  readonly status: number;
  /** Where a redirect leads (the Location as configured, before nginx makes it absolute), or null. */
  readonly location: string | null;
  /** The body's text, or null when there is none or it is not known. */
  readonly body: string | null;
  /** There is a location or a body, but what it says is not known. */
  readonly isTextUnknown: boolean;
  /** Sent as it is: no error_page sees it. A `return` with a text, or below 400 and no redirect. */
  readonly isDirect: boolean;
  readonly directive: Directive;
  /** The `if` that encloses it, or null. */
  readonly condition: Directive | null;
  /** Where the values came from that led here. */
  readonly provenance: readonly Provenance[];
}

/** How a run ended, without what it noted. */
export type Ending =
  | {
      readonly kind: 'done';
      /** Whether the URI was rewritten so that nginx looks for a location again (never after `break`). */
      readonly uriChanged: boolean;
      /** The rewrite that changed it last. */
      readonly rewrite: Directive | null;
    }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly status: 500; readonly directive: Directive; readonly why: string }
  | {
      readonly kind: 'undetermined';
      readonly directive: Directive;
      readonly missing: string;
      /** Answers that could come from here on, as far as they could be seen. */
      readonly candidates: readonly Answer[];
    };

/** How one run ended. `uri`, `args`, variables and captures of the state are already changed. */
export type Outcome = Ending & {
  readonly notes: readonly Note[];
  /** The last `if` in a location that held: its configuration stays in force; null when none did. */
  readonly configuration: Directive | null;
};

/** `block` holds the directives of a server or location; others than the rewrite module's are skipped. */
export function compileScript(block: readonly Directive[], level: 'server' | 'location', reading: Reading): Script {
  const steps = compileSteps(block, reading);
  return { level, isEmpty: steps.length === 0, steps };
}

/** Runs a script as ngx_http_rewrite_handler does, changing the state. */
export function run(script: Script, state: State): Outcome {
  const runner = new Runner(script.level, state);
  const ending = runner.run(script.steps);
  return { ...ending, notes: runner.notes, configuration: runner.configuration };
}
