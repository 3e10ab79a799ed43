/** Reads the untyped `given` of a case, saying which key is wrong. */
export class Given {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(value: unknown, where = 'given') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where}: expected a map`);
    this.#values = value as Readonly<Record<string, unknown>>; // a plain object, as just checked
    this.#where = where;
  }

  /** Throws for keys that nobody reads: a misspelled one would silently make a case say something else. */
  only(...known: readonly string[]): this {
    const strange = Object.keys(this.#values).filter((key) => !known.includes(key));
    if (strange.length > 0) throw new Error(`${this.#where}: nobody reads ${strange.join(', ')}`);
    return this;
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  text(key: string): string | null {
    return this.#of(key, 'a text', isText);
  }

  number(key: string): number | null {
    return this.#of(key, 'a number', isNumber);
  }

  flag(key: string): boolean | null {
    return this.#of(key, 'true or false', isFlag);
  }

  texts(key: string): readonly string[] {
    return this.#of(key, 'a list of texts', isListOf(isText)) ?? [];
  }

  numbers(key: string): readonly number[] {
    return this.#of(key, 'a list of numbers', isListOf(isNumber)) ?? [];
  }

  /** One of a few words. */
  word<const W extends string>(key: string, words: readonly W[]): W | null {
    return this.#of(key, `one of ${words.join(', ')}`, (value): value is W => words.some((word) => word === value));
  }

  map(key: string): Given | null {
    return this.has(key) ? new Given(this.#values[key], `${this.#where}.${key}`) : null;
  }

  maps(key: string): readonly Given[] {
    const list = this.#of(key, 'a list', isListOf(isAnything)) ?? [];
    return list.map((value, at) => new Given(value, `${this.#where}.${key}[${at}]`));
  }

  /** A map from texts to texts. */
  jotting(key: string): Readonly<Record<string, string>> {
    return this.#of(key, 'a map of texts', isMapOf(isText)) ?? {};
  }

  /** A map from texts to flags. */
  flags(key: string): Readonly<Record<string, boolean>> {
    return this.#of(key, 'a map of true or false', isMapOf(isFlag)) ?? {};
  }

  #of<T>(key: string, what: string, fits: Guard<T>): T | null {
    const value = this.#values[key];
    if (value === undefined || value === null) return null;
    if (!fits(value)) throw new Error(`${this.#where}.${key}: expected ${what}`);
    return value;
  }
}

type Guard<T> = (value: unknown) => value is T;

const isText: Guard<string> = (value) => typeof value === 'string';
const isNumber: Guard<number> = (value) => typeof value === 'number';
const isFlag: Guard<boolean> = (value) => typeof value === 'boolean';
const isAnything: Guard<unknown> = (_value): _value is unknown => true;

function isListOf<T>(fits: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(fits);
}

function isMapOf<T>(fits: Guard<T>): Guard<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(fits);
}
