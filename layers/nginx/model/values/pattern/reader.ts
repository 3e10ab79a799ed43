import { holds, type Codes, pairsOf, tidy, Unsupported } from './node.ts';

/** The options that letters such as `(?i)` switch. */
export interface Options {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly x: boolean;
  readonly U: boolean;
}

const LETTERS: Codes = [65, 90, 97, 122];

/** A cursor over a pattern's text. */
export class Reader {
  readonly text: string;
  readonly isUtf: boolean;
  at = 0;

  constructor(text: string, isUtf: boolean) {
    this.text = text;
    this.isUtf = isUtf;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The highest code that a subject can hold. */
  get max(): number {
    return this.isUtf ? 0x10ffff : 0xff;
  }

  peek(length = 1): string {
    return this.text.slice(this.at, this.at + length);
  }

  /** Steps over `text` if it stands here. */
  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Steps over what a sticky pattern matches here. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  /** The next character as a code; in UTF mode a whole code point. */
  code(): number {
    const code = this.isUtf ? this.text.codePointAt(this.at) : this.text.charCodeAt(this.at);
    if (code === undefined || Number.isNaN(code)) throw new Unsupported('the pattern ends too early');
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  /** Both cases of every letter: PCRE2 in the C locale folds ASCII only; in UTF mode K and S have a third form. */
  folded(codes: Codes, options: Options): Codes {
    if (!options.i) return codes;
    const pairs = pairsOf(codes).map(([low, high]) => [low, high] as const);
    const more: (readonly [number, number])[] = [];
    for (const [low, high] of pairs) {
      if (this.isUtf && high > 127 && high - low < 0x1000) throw new Unsupported('letters beyond ASCII without regard to case');
      const first = Math.max(low, 65);
      const last = Math.min(high, 122);
      for (let code = first; code <= last; code++) if (holds(LETTERS, code)) more.push([code ^ 32, code ^ 32]);
    }
    const all = tidy([...pairs, ...more]);
    if (!this.isUtf) return all;
    const third: (readonly [number, number])[] = [];
    if (holds(all, 75)) third.push([0x212a, 0x212a]);
    if (holds(all, 83)) third.push([0x17f, 0x17f]);
    return tidy([...pairsOf(all), ...third]);
  }
}
