import type { Directive } from '../syntax/ast.ts';
import { toBytes } from './bytes.ts';
import type { Reading, Variable } from './define.ts';
import { compileText, expand } from './expand.ts';
import { describe } from './map.ts';
import type { State, Text } from './state.ts';

interface Share {
  /** The hash must be below; null for `*`, which takes the rest. */
  readonly below: number | null;
  readonly value: string;
  readonly directive: Directive;
}

/** `split_clients SOURCE $variable { … }`: MurmurHash2 of the source against cumulated percentages. */
export function splitVariable(directive: Directive, name: string, reading: Reading): Variable {
  const source = compileText(directive.args[0] ?? '', reading.encodingOf(directive));
  const shares = sharesOf(directive, reading);
  const evaluate = (state: State): Text => {
    const text = expand(source, state);
    if (!text.known) return text;
    const hash = murmurHash2(text.value);
    const share = shares.find(({ below }) => below === null || hash < below);
    const value = share?.value ?? '';
    return { known: true, value, provenance: describe(name, value, directive, share?.directive ?? null, text.provenance, []) };
  };
  return { name, isCacheable: true, evaluate };
}

function sharesOf(directive: Directive, reading: Reading): readonly Share[] {
  let sum = 0;
  return (directive.block ?? []).map((line) => {
    const key = line.words[0]?.value ?? line.name;
    const value = toBytes(line.args[0] ?? '', reading.encodingOf(line));
    if (key === '*') return { below: null, value, directive: line };
    // Hundredths of a percent, each cut to a whole number of hashes as nginx does.
    const hundredths = Math.round(Number.parseFloat(key) * 100);
    sum = (sum + Math.floor((hundredths * 0xffffffff) / 10_000)) >>> 0;
    return { below: sum, value, directive: line };
  });
}

const M = 0x5bd1e995;

/** ngx_murmur_hash2 over bytes as text. */
export function murmurHash2(text: string): number {
  const byte = (at: number): number => text.charCodeAt(at) & 255;
  let hash = text.length;
  let at = 0;
  for (; text.length - at >= 4; at += 4) {
    let key = byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
    key = Math.imul(key, M);
    key ^= key >>> 24;
    key = Math.imul(key, M);
    hash = Math.imul(hash, M) ^ key;
  }
  const left = text.length - at;
  if (left >= 3) hash ^= byte(at + 2) << 16;
  if (left >= 2) hash ^= byte(at + 1) << 8;
  if (left >= 1) hash = Math.imul(hash ^ byte(at), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return (hash ^ (hash >>> 15)) >>> 0;
}
