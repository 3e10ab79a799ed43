import type { Remedy } from '@why403/decision';
import { replaceWord, writeWord } from '../../model/syntax/index.ts';
import { compilePattern } from '../../model/values/pattern.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf } from '../quote.ts';
import type { Returned } from './shape.ts';

/**
 * For `if ($variable ~ a|b|c)`: the same condition without the alternatives that match. Null when the
 * pattern isn't a plain list of alternatives, or when nothing of it would be left.
 */
export function withoutMatchingAlternative(item: Returned, value: string, all: NginxRefusals): Remedy | null {
  const { condition } = item.refusal;
  // `if ($v ~* "pattern")` reads as the words: if, ($v, ~*, pattern).
  const word = condition?.words.at(-1);
  const operator = condition?.words.at(-2)?.value;
  if (condition === null || word === undefined || (operator !== '~' && operator !== '~*')) return null;
  const [pattern, closing] = splitClosing(word.value);
  const group = /^\(([^()]*)\)$/.exec(pattern);
  const alternatives = (group?.[1] ?? pattern).split('|');
  if (alternatives.length < 2 || /[()[\]]/.test(group?.[1] ?? pattern)) return null;
  const kept = alternatives.filter((one) => !matchesAlone(one, value, operator === '~*'));
  if (kept.length === 0 || kept.length === alternatives.length) return null;
  const list = group === null ? kept.join('|') : `(${kept.join('|')})`;
  const gone = alternatives.filter((one) => !kept.includes(one));
  return {
    who: 'operator',
    say: `Drop ${gone.join(', ')} from the list at ${placeOf(condition)}: what it matches is let in, everything else on the list is still refused.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [replaceWord(all.configuration, word, written(word.raw, list, closing))] }],
  };
}

function splitClosing(value: string): readonly [string, string] {
  return value.endsWith(')') && !balanced(value) ? [value.slice(0, -1), ')'] : [value, ''];
}

function balanced(text: string): boolean {
  return (text.match(/\(/g)?.length ?? 0) === (text.match(/\)/g)?.length ?? 0);
}

/** Keeps the closing parenthesis of `if` where it was: inside an unquoted word, or behind the quotes. */
function written(raw: string, list: string, closing: string): string {
  return raw.endsWith('")') || raw.endsWith("')") ? `${writeWord(list)})` : `${writeWord(list)}${closing}`;
}

function matchesAlone(alternative: string, value: string, caseless: boolean): boolean {
  const pattern = compilePattern(alternative, { caseless });
  return pattern.state === 'ready' && pattern.run(value).state === 'matched';
}
