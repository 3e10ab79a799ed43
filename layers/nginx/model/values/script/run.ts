import type { Provenance } from '../../trace.ts';
import type { Directive } from '../../syntax/ast.ts';
import { escapeArgs, unescapeRedirect } from '../bytes.ts';
import { type CompiledText, expand, groupOf, join, merged, OVERWRITTEN } from '../expand.ts';
import { matchInto } from '../pattern.ts';
import type { Answer, Ending, Note } from '../script.ts';
import { known, missing, type State, type Text } from '../state.ts';
import type { Rewrite, Step } from './compile.ts';
import { holds } from './condition.ts';
import { explored, fork, sameState, snapshot, type Snapshot } from './fork.ts';

type Conditional = Extract<Step, { kind: 'if' }>;

/** Statuses for which `return`'s text is a Location (ngx_http_send_response). */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** How many conditions that can't be told are followed both ways. */
const FORKS = 5;

/** One run of a script. */
export class Runner {
  readonly notes: Note[] = [];
  configuration: Directive | null = null;
  readonly #level: 'server' | 'location';
  readonly #state: State;
  /** Groups are escaped: true until the first rewrite that matches (ngx_http_rewrite_handler sets e->quote). */
  #isQuoting = true;
  #rewrite: Directive | null = null;
  #uriChanged = false;
  /** The `if` around the step, with what its outcome came from. */
  #condition: Directive | null = null;
  #because: readonly Provenance[] = [];
  #forks = 0;

  constructor(level: 'server' | 'location', state: State) {
    this.#level = level;
    this.#state = state;
  }

  run(steps: readonly Step[]): Ending {
    for (const [at, step] of steps.entries()) {
      const ending = step.kind === 'if' ? this.#if(step, steps.slice(at + 1)) : this.#step(step);
      if (ending !== null) return ending;
    }
    return this.#done();
  }

  #done(): Ending {
    return { kind: 'done', uriChanged: this.#uriChanged, rewrite: this.#rewrite };
  }

  #note(directive: Directive, says: string, held: boolean | null = null): void {
    this.notes.push({ directive, says, held });
  }

  #unknown(directive: Directive, what: string, candidates: readonly Answer[] = []): Ending {
    return { kind: 'undetermined', directive, missing: what, candidates };
  }

  /** Null: the script goes on. */
  #step(step: Exclude<Step, Conditional>): Ending | null {
    switch (step.kind) {
      case 'set':
        return this.#set(step);
      case 'foreign':
        for (const name of step.names) this.#state.assigned.set(name, missing(`$${name}, which ${step.directive.name} sets`));
        return null;
      case 'break':
        // ngx_http_script_break_code
        if (this.#uriChanged) this.#state.isLocationStale = true;
        this.#uriChanged = false;
        this.#note(step.directive, 'ends the rewriting here');
        return this.#done();
      case 'return':
        return { kind: 'answered', answer: this.#return(step) };
      case 'rewrite':
        return this.#rewriteUri(step);
      case 'broken':
        return this.#unknown(step.directive, `what ${step.directive.name} means here: nginx refuses to start with it`);
    }
  }

  /** A value in `set` or `if`, where groups are escaped as long as nothing was rewritten. */
  #value(text: CompiledText): Text {
    if (text.constant !== null || !this.#isQuoting || !this.#state.hasEscapes) return expand(text, this.#state);
    return join(text.parts, this.#state, escapedGroup);
  }

  #set(step: Extract<Step, { kind: 'set' }>): Ending | null {
    const text = this.#value(step.text);
    if (step.name === 'args') {
      // ngx_http_variable_set_args reaches the request itself, on which everything after hangs.
      if (!text.known) return this.#unknown(step.directive, text.missing);
      this.#state.args = text.value;
    } else if (step.name === 'limit_rate') {
      this.#setRate(step.directive, text);
    } else {
      this.#state.assigned.set(step.name, text.known ? this.#settled(step, text.value, text.provenance) : text);
    }
    return null;
  }

  /** ngx_http_variable_set_limit_rate: a size becomes bytes, anything else is logged and forgotten. */
  #setRate(directive: Directive, text: Text): void {
    const [, digits, unit = ''] = (text.known && /^([0-9]{1,12})([kKmM]?)$/.exec(text.value)) || [];
    if (!text.known) this.#state.assigned.set('limit_rate', text);
    else if (digits !== undefined) {
      const bytes = Number(digits) * (unit === '' ? 1 : /k/i.test(unit) ? 1024 : 1024 * 1024);
      this.#state.assigned.set('limit_rate', this.#settled({ name: 'limit_rate', directive }, String(bytes), text.provenance));
    }
  }

  #settled(step: { readonly name: string; readonly directive: Directive }, value: string, origin: readonly Provenance[]): Text {
    const all = merged(origin, this.#because);
    const from = [...new Set(all.filter((one) => one.directive === null).map((one) => one.variable))];
    return known(value, [{ variable: step.name, value, directive: step.directive, entry: null, from }, ...all]);
  }

  #return(step: Extract<Step, { kind: 'return' }>): Answer {
    const isRedirect = REDIRECTS.has(step.status);
    const text = step.text === null ? null : this.#under(step.status, step.text);
    const value = text?.known === true ? text.value : null;
    const hasText = step.text !== null && step.text.source !== '';
    return {
      status: step.status,
      location: isRedirect ? value : null,
      body: isRedirect ? null : value,
      isTextUnknown: text?.known === false,
      isDirect: !isRedirect && (step.status < 400 || hasText),
      directive: step.directive,
      condition: this.#condition,
      provenance: this.#because,
    };
  }

  /** ngx_http_send_response sets the status before it expands the text, so `$status` shows it there. */
  #under(status: number, text: CompiledText): Text {
    const before = this.#state.status;
    this.#state.status = status;
    const expanded = expand(text, this.#state);
    this.#state.status = before;
    return expanded;
  }

  #rewriteUri(step: Rewrite): Ending | null {
    const state = this.#state;
    const found = matchInto(step.pattern, state.uri, state);
    if (found.state === 'unknown') return this.#unknown(step.directive, found.missing);
    if (found.state === 'unmatched') {
      state.captures = [];
      return null;
    }
    state.isInternal = true;
    if (step.redirect !== null) return this.#redirect(step, step.redirect);
    const uri = join(step.path, state, groupOf);
    const { captures } = state;
    const args = step.args === null ? null : join(step.args, state, state.hasEscapes ? escapedGroup : groupOf);
    if (state.captures !== captures && step.path.some(({ kind }) => kind === 'group'))
      return this.#unknown(step.directive, OVERWRITTEN.missing);
    this.#isQuoting = false;
    if (!uri.known) return this.#unknown(step.directive, uri.missing);
    if (args !== null && !args.known) return this.#unknown(step.directive, args.missing);
    this.#uriChanged = !step.isBreak;
    if (step.isBreak) state.isLocationStale = true;
    const added = step.addsArgs ? state.args : '';
    state.args = args === null ? added : args.value + (added === '' ? '' : `&${added}`);
    state.uri = uri.value;
    this.#rewrite = step.directive;
    if (state.uri === '') return { kind: 'failed', status: 500, directive: step.directive, why: 'the rewritten URI has a zero length' };
    this.#note(step.directive, `rewrites the URI to ${state.uri}`);
    return step.isLast ? this.#done() : null;
  }

  #redirect(step: Rewrite, status: number): Ending {
    const target = join(step.path, this.#state, this.#state.hasEscapes ? escapedGroup : groupOf);
    const { args } = this.#state;
    const tail = step.addsArgs && args !== '' ? `${step.hasQuestion ? '&' : '?'}${args}` : '';
    return {
      kind: 'answered',
      answer: {
        status,
        location: target.known ? unescapeRedirect(target.value) + tail : null,
        body: null,
        isTextUnknown: !target.known,
        isDirect: false,
        directive: step.directive,
        condition: this.#condition,
        provenance: this.#because,
      },
    };
  }

  #if(step: Conditional, rest: readonly Step[]): Ending | null {
    const condition = holds(step.condition, this.#state, (text) => this.#value(text));
    if (!condition.known) return this.#both(step, condition.missing, rest);
    this.#note(step.directive, `if ${step.directive.args.join(' ')} ${condition.held ? 'holds' : 'does not hold'}`, condition.held);
    if (!condition.held) {
      this.#colorUnset(step, condition.provenance);
      return null;
    }
    return this.#body(step, condition.provenance);
  }

  /** The steps of an `if` that holds. In a location its configuration takes over (ngx_http_script_if_code). */
  #body(step: Conditional, because: readonly Provenance[]): Ending | null {
    if (this.#level === 'location') {
      this.configuration = step.directive;
      this.#state.location = step.directive;
    }
    this.#condition = step.directive;
    this.#because = because;
    for (const inner of step.body) {
      const ending =
        inner.kind === 'if' ? this.#unknown(inner.directive, 'an if inside an if, which nginx refuses to start with') : this.#step(inner);
      if (ending !== null) return ending;
    }
    this.#condition = null;
    this.#because = [];
    return null;
  }

  /** What a variable keeps because an `if` did not hold came from that condition too. */
  #colorUnset(step: Conditional, provenance: readonly Provenance[]): void {
    for (const inner of step.body) {
      if (inner.kind !== 'set') continue;
      const kept = this.#state.assigned.get(inner.name);
      if (kept?.known === true) this.#state.assigned.set(inner.name, known(kept.value, merged(kept.provenance, provenance)));
    }
  }

  /** A condition that can't be told: follows both ways and goes on where they come to the same. */
  #both(step: Conditional, what: string, rest: readonly Step[]): Ending | null {
    const undetermined = (candidates: readonly Answer[] = []): Ending => this.#unknown(step.directive, what, candidates);
    if (++this.#forks > FORKS) return undetermined();
    const before = this.#mark();
    const held = this.#attempt(before, () => this.#body(step, []) ?? null);
    const hasGroups =
      step.condition.kind === 'pattern' && (step.condition.pattern.state === 'unsupported' || step.condition.pattern.groups > 0);
    const isQuiet = this.#level === 'server' || (!step.hasConfiguration && this.configuration === null);
    if (held.ending === null && isQuiet && !hasGroups && sameState(before.state, held.after.state)) {
      // Only variables differ: those are unknown from here on, the rest is not.
      for (const [name, text] of held.after.state.assigned) {
        const kept = this.#state.assigned.get(name);
        if (text !== kept)
          this.#state.assigned.set(name, kept?.known === true && text.known && kept.value === text.value ? kept : missing(what));
      }
      return null;
    }
    const whenHeld = held.ending ?? this.#attempt(held.after, () => this.run(rest)).ending;
    const otherwise = this.#attempt(before, () => this.run(rest)).ending;
    const same = explored(whenHeld, otherwise);
    if (same.ending !== null) return same.ending;
    return undetermined(same.candidates);
  }

  #mark(): Mark {
    return {
      state: snapshot(this.#state),
      configuration: this.configuration,
      isQuoting: this.#isQuoting,
      rewrite: this.#rewrite,
      uriChanged: this.#uriChanged,
    };
  }

  #adopt(mark: Mark): void {
    this.configuration = mark.configuration;
    this.#isQuoting = mark.isQuoting;
    this.#rewrite = mark.rewrite;
    this.#uriChanged = mark.uriChanged;
    this.#condition = null;
    this.#because = [];
  }

  /** Runs from a mark and comes back to where it was, notes included. */
  #attempt(from: Mark, attempt: () => Ending | null): { readonly ending: Ending | null; readonly after: Mark } {
    const here = this.#mark();
    const notes = this.notes.length;
    const condition = this.#condition;
    const because = this.#because;
    this.#adopt(from);
    const result = fork(this.#state, from.state, () => {
      const ending = attempt();
      return { ending, after: this.#mark() };
    });
    this.#adopt(here);
    this.#condition = condition;
    this.#because = because;
    this.notes.length = notes;
    return result;
  }
}

interface Mark {
  readonly state: Snapshot;
  readonly configuration: Directive | null;
  readonly isQuoting: boolean;
  readonly rewrite: Directive | null;
  readonly uriChanged: boolean;
}

function escapedGroup(state: State, number: number): string {
  return escapeArgs(groupOf(state, number));
}
