/** Computes a value when it is first asked for, and keeps it. Most of a large configuration is never asked about. */
export function whenAsked<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | null = null;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}
