/**
 * The kinds of evidence that houses gather. A house adds its own by declaration merging:
 * `declare module '@why403/decision' { interface Kinds { 'nginx/trace': NginxTrace } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: houses fill it by declaration merging
export interface Kinds {}

export type Kind = keyof Kinds;

/** One kind of evidence: what was gathered, or why it could not be and what would settle it. */
export type Gathered<T> =
  | { readonly state: 'gathered'; readonly value: T }
  | { readonly state: 'unavailable'; readonly missing: string; readonly settle?: string };

/** All that was gathered for one hop of a question. A kind that nobody looked for is absent. */
export type Bag = { readonly [K in Kind]?: Gathered<Kinds[K]> };

/** What a cause sees: its declared kinds, each present or with the reason why not. */
export type Needed<N extends Kind> = { readonly [K in N]: Gathered<Kinds[K]> };

export function gathered<T>(value: T): Gathered<T> {
  return { state: 'gathered', value };
}

export function unavailable<T>(missing: string, settle?: string): Gathered<T> {
  return settle === undefined ? { state: 'unavailable', missing } : { state: 'unavailable', missing, settle };
}
