import { lowerCase } from './bytes.ts';

/**
 * nginx's combined hash of names (ngx_hash_find_combined): exact, then the longest `*.x`, then the longest
 * `x.*`. Letters' case is ignored.
 */
export class Hostnames<T> {
  readonly #exact = new Map<string, T>();
  readonly #ends = new Map<string, T>();
  readonly #starts = new Map<string, T>();

  /** Takes a key in which no dot or asterisk has a meaning of its own. */
  addExact(key: string, value: T): void {
    keep(this.#exact, lowerCase(key), value);
  }

  /** Takes a key as configured, in bytes. The first of equal keys stays; nginx refuses a second. */
  add(key: string, value: T): void {
    const name = lowerCase(key);
    if (name.length > 1 && name.startsWith('.')) {
      keep(this.#exact, name.slice(1), value);
      keep(this.#ends, name, value);
    } else if (name.length > 2 && name.startsWith('*.')) {
      keep(this.#ends, name.slice(1), value);
    } else if (name.length > 2 && name.endsWith('.*')) {
      keep(this.#starts, name.slice(0, -1), value);
    } else {
      keep(this.#exact, name, value);
    }
  }

  get isEmpty(): boolean {
    return this.#exact.size + this.#ends.size + this.#starts.size === 0;
  }

  find(text: string): T | undefined {
    const name = lowerCase(text);
    const exact = this.#exact.get(name);
    if (exact !== undefined || name === '') return exact;
    if (this.#ends.size > 0) {
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        const found = this.#ends.get(name.slice(dot));
        if (found !== undefined) return found;
      }
    }
    if (this.#starts.size > 0) {
      for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
        const found = this.#starts.get(name.slice(0, dot + 1));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value);
}
