import type { Directive } from '../../syntax/ast.ts';
import { lowerCase } from '../bytes.ts';
import type { Reading } from '../define.ts';
import { compileText, type CompiledText, type Part } from '../expand.ts';
import { compilePattern, type Pattern } from '../pattern.ts';
import { compileCondition, type Condition } from './condition.ts';

/** One step of the rewrite module, in the order of the configuration. */
export type Step =
  | { readonly kind: 'set'; readonly directive: Directive; readonly name: string; readonly text: CompiledText }
  /** A variable that another module sets at this point. */
  | { readonly kind: 'foreign'; readonly directive: Directive; readonly names: readonly string[] }
  | {
      readonly kind: 'if';
      readonly directive: Directive;
      readonly condition: Condition;
      readonly body: readonly Step[];
      readonly hasConfiguration: boolean;
    }
  | { readonly kind: 'break'; readonly directive: Directive }
  | { readonly kind: 'return'; readonly directive: Directive; readonly status: number; readonly text: CompiledText | null }
  | Rewrite
  /** Nginx would refuse the configuration for it. */
  | { readonly kind: 'broken'; readonly directive: Directive };

export interface Rewrite {
  readonly kind: 'rewrite';
  readonly directive: Directive;
  readonly pattern: Pattern;
  /** Of the replacement, up to its first `?` unless it is a redirect. */
  readonly path: readonly Part[];
  /** What follows that `?`; null without one. */
  readonly args: readonly Part[] | null;
  /** The request's arguments are put behind. */
  readonly addsArgs: boolean;
  /** A redirect's status, else null. */
  readonly redirect: 301 | 302 | null;
  /** The replacement has a `?` of its own: arguments are added with `&`. */
  readonly hasQuestion: boolean;
  /** The script ends here. */
  readonly isLast: boolean;
  /** No further search for a location. */
  readonly isBreak: boolean;
}

const URL = /^(?:https?:\/\/|\$scheme)/;

/** The rewrite module's own directives; an `if` with others in it brings its own configuration. */
const OWN: ReadonlySet<string> = new Set(['set', 'if', 'break', 'return', 'rewrite', 'rewrite_log', 'uninitialized_variable_warn']);

export function compileSteps(block: readonly Directive[], reading: Reading): readonly Step[] {
  return block.flatMap((directive) => compileStep(directive, reading) ?? []);
}

function compileStep(directive: Directive, reading: Reading): Step | null {
  const { name, args } = directive;
  const encoding = reading.encodingOf(directive);
  switch (name) {
    case 'set': {
      const [target, value] = args;
      if (target === undefined || value === undefined || !target.startsWith('$')) return { kind: 'broken', directive };
      return { kind: 'set', directive, name: lowerCase(target.slice(1)), text: compileText(value, encoding) };
    }
    case 'if': {
      const block = directive.block ?? [];
      const hasConfiguration = block.some((inner) => !OWN.has(inner.name));
      return {
        kind: 'if',
        directive,
        condition: compileCondition(directive, reading),
        body: compileSteps(block, reading),
        hasConfiguration,
      };
    }
    case 'break':
      return { kind: 'break', directive };
    case 'return':
      return compileReturn(directive, encoding);
    case 'rewrite':
      return compileRewrite(directive, encoding);
    default: {
      // set_by_lua, set_unescape_uri and their kind run among the rewrite module's own directives.
      const names = name.startsWith('set_') ? args.filter((arg) => /^\$\w+$/.test(arg)).slice(0, 1) : [];
      return names.length === 0 ? null : { kind: 'foreign', directive, names: names.map((one) => lowerCase(one.slice(1))) };
    }
  }
}

function compileReturn(directive: Directive, encoding: 'utf8' | 'latin1'): Step {
  const [first, second] = directive.args;
  if (first === undefined) return { kind: 'broken', directive };
  if (/^[0-9]+$/.test(first)) {
    const status = Number(first);
    if (status > 999) return { kind: 'broken', directive };
    return { kind: 'return', directive, status, text: second === undefined ? null : compileText(second, encoding) };
  }
  if (second !== undefined || !URL.test(first)) return { kind: 'broken', directive };
  return { kind: 'return', directive, status: 302, text: compileText(first, encoding) };
}

function compileRewrite(directive: Directive, encoding: 'utf8' | 'latin1'): Step {
  const [source, written, flag] = directive.args;
  if (source === undefined || written === undefined || written === '') return { kind: 'broken', directive };
  const dropsArgs = written.endsWith('?');
  const text = compileText(dropsArgs ? written.slice(0, -1) : written, encoding);
  if (text.constant?.known === false) return { kind: 'broken', directive };
  // A URL redirects whatever the flag; only `permanent` changes the status.
  const redirect = flag === 'permanent' ? 301 : flag === 'redirect' || URL.test(written) ? 302 : null;
  const parts = text.constant === null ? text.parts : [{ kind: 'literal', text: text.source } as const];
  const { before, after } = redirect !== null ? { before: parts, after: null } : cutAtQuestion(parts);
  return {
    kind: 'rewrite',
    directive,
    pattern: compilePattern(source, { encoding }),
    path: before,
    args: after,
    addsArgs: !dropsArgs,
    redirect,
    hasQuestion: parts.some((part) => part.kind === 'literal' && part.text.includes('?')),
    isLast: redirect !== null || flag === 'last' || flag === 'break',
    isBreak: flag === 'break',
  };
}

/** Everything behind the first question mark becomes arguments. */
function cutAtQuestion(parts: readonly Part[]): { readonly before: readonly Part[]; readonly after: readonly Part[] | null } {
  for (const [at, part] of parts.entries()) {
    const mark = part.kind === 'literal' ? part.text.indexOf('?') : -1;
    if (part.kind !== 'literal' || mark < 0) continue;
    const before = [...parts.slice(0, at), { kind: 'literal', text: part.text.slice(0, mark) } as const];
    const after = [{ kind: 'literal', text: part.text.slice(mark + 1) } as const, ...parts.slice(at + 1)];
    return { before, after };
  }
  return { before: parts, after: null };
}
