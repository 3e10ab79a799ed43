import { access, type Entry } from '@why403/filesystem';
import type { Provenance } from '../../trace.ts';
import { fromBytes, lowerCase } from '../bytes.ts';
import type { Reading } from '../define.ts';
import { compileText, type CompiledText, merged, valueOf } from '../expand.ts';
import { compilePattern, matchInto, type Pattern } from '../pattern.ts';
import { inherited, own, scopeOf } from '../scope.ts';
import type { State, Tested, Text } from '../state.ts';
import type { Directive } from '../../syntax/ast.ts';

type FileTest = 'file' | 'directory' | 'exists' | 'executable';

/** The condition of an `if`, as ngx_http_rewrite_if_condition reads it. */
export type Condition =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'equality'; readonly name: string; readonly text: CompiledText; readonly isNegated: boolean }
  | { readonly kind: 'pattern'; readonly name: string; readonly pattern: Pattern; readonly isNegated: boolean }
  | { readonly kind: 'file'; readonly test: FileTest; readonly path: CompiledText; readonly isNegated: boolean }
  | { readonly kind: 'broken' };

export type Held =
  | { readonly known: true; readonly held: boolean; readonly provenance: readonly Provenance[] }
  | { readonly known: false; readonly missing: string };

const TESTS: Readonly<Record<string, FileTest>> = { f: 'file', d: 'directory', e: 'exists', x: 'executable' };

export function compileCondition(directive: Directive, reading: Reading): Condition {
  const encoding = reading.encodingOf(directive);
  const words = withoutParentheses(directive.args);
  const [first, operator, last] = words;
  if (words.length > 3 || first === undefined || first === '') return { kind: 'broken' };
  if (first.length > 1 && first.startsWith('$')) {
    const name = lowerCase(first.slice(1));
    if (operator === undefined) return { kind: 'variable', name };
    if (last === undefined) return { kind: 'broken' };
    if (operator === '=' || operator === '!=')
      return { kind: 'equality', name, text: compileText(last, encoding), isNegated: operator === '!=' };
    if (!/^!?~\*?$/.test(operator)) return { kind: 'broken' };
    const pattern = compilePattern(last, { caseless: operator.endsWith('*'), encoding });
    return { kind: 'pattern', name, pattern, isNegated: operator.startsWith('!') };
  }
  const [, negation, letter] = /^(!?)-([fdex])$/.exec(first) ?? [];
  const test = letter === undefined ? undefined : TESTS[letter];
  if (test === undefined || operator === undefined || last !== undefined) return { kind: 'broken' };
  return { kind: 'file', test, path: compileText(operator, encoding), isNegated: negation === '!' };
}

/** The words between the parentheses, which may stand alone or stick to the words beside them. */
function withoutParentheses(args: readonly string[]): readonly string[] {
  const words = [...args];
  const first = words.shift();
  if (first === undefined || !first.startsWith('(')) return [];
  if (first !== '(') words.unshift(first.slice(1));
  const last = words.pop();
  if (last === undefined || !last.endsWith(')')) return [];
  if (last !== ')') words.push(last.slice(0, -1));
  return words;
}

/** Whether a condition holds; a pattern's groups are left in the state. `expandText` writes groups as the script does. */
export function holds(condition: Condition, state: State, expandText: (text: CompiledText) => Text): Held {
  switch (condition.kind) {
    case 'broken':
      return { known: false, missing: 'a condition that nginx refuses to start with' };
    case 'variable': {
      const text = valueOf(condition.name, state);
      // Empty and a single zero are false, everything else is true.
      return text.known ? { known: true, held: text.value !== '' && text.value !== '0', provenance: text.provenance } : text;
    }
    case 'equality': {
      const left = valueOf(condition.name, state);
      if (!left.known) return left;
      const right = expandText(condition.text);
      if (!right.known) return right;
      return {
        known: true,
        held: (left.value === right.value) !== condition.isNegated,
        provenance: merged(left.provenance, right.provenance),
      };
    }
    case 'pattern': {
      const text = valueOf(condition.name, state);
      if (!text.known) return text;
      const found = matchInto(condition.pattern, text.value, state, text.provenance);
      if (found.state === 'unknown') return { known: false, missing: found.missing };
      // The rewrite module, unlike others, forgets the groups of an earlier match.
      if (found.state === 'unmatched') state.captures = [];
      return { known: true, held: (found.state === 'matched') !== condition.isNegated, provenance: text.provenance };
    }
    case 'file': {
      const path = expandText(condition.path);
      return path.known ? testFile(condition.test, path, condition.isNegated, state) : path;
    }
  }
}

const symlinkRule = inherited<Directive>((block) => own(block, 'disable_symlinks')[0] ?? null);

/** ngx_http_script_file_code: a stat as the worker; whatever goes wrong counts as not there. */
function testFile(test: FileTest, path: Extract<Text, { known: true }>, isNegated: boolean, state: State): Held {
  const tested = state.testFile?.(path.value) ?? statPlainly(path.value, state);
  if (tested.state === 'unknown') return { known: false, missing: tested.missing };
  const is = tested.state === 'present' && passes(test, tested.entry);
  return { known: true, held: is !== isNegated, provenance: path.provenance };
}

/** For who brings no way of testing files: links are followed, unless a rule forbids them. */
function statPlainly(path: string, state: State): Tested {
  const rule = symlinkRule(scopeOf(state));
  if (rule !== null && rule.args[0] !== 'off') return { state: 'unknown', missing: 'what a file test comes to under disable_symlinks' };
  const seen = access(state.world.tree, state.world.worker, fromBytes(path), 'stat');
  if (seen.verdict === 'unknown') return { state: 'unknown', missing: seen.missing };
  return seen.verdict === 'granted' ? { state: 'present', entry: seen.entry } : { state: 'absent' };
}

function passes(test: FileTest, entry: Entry): boolean {
  switch (test) {
    case 'file':
      return entry.type === 'file';
    case 'directory':
      return entry.type === 'directory';
    case 'exists':
      // Sockets and pipes are neither for nginx.
      return entry.type === 'file' || entry.type === 'directory';
    case 'executable':
      // The owner's bit, whoever the worker is.
      return (entry.mode & 0o100) !== 0;
  }
}
