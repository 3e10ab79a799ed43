/**
 * A configuration as the generator makes it. It is kept apart from the model's own syntax tree on purpose: a
 * mistake in the parser must show as a disagreement, not cancel itself out.
 */
export interface Statement {
  readonly name: string;
  /** As they are written: quoted where that is needed. */
  readonly words: readonly string[];
  readonly block?: readonly Statement[];
}

export function simple(name: string, ...words: readonly (string | number)[]): Statement {
  return { name, words: words.map(String) };
}

export function block(name: string, words: readonly string[], inside: readonly Statement[]): Statement {
  return { name, words, block: inside };
}

/** Names of what only the run knows: `@root@`, `@dir@`, `@port0@`. */
export type Places = Readonly<Record<string, string>>;

export function print(statements: readonly Statement[], places: Places, indent = ''): string {
  return statements
    .map((statement) => {
      const head = indent + [statement.name, ...statement.words].join(' ');
      if (statement.block === undefined) return `${placed(head, places)};\n`;
      return `${placed(head, places)} {\n${print(statement.block, places, `${indent}  `)}${indent}}\n`;
    })
    .join('');
}

export function placed(text: string, places: Places): string {
  return text.replace(/@([a-z]+\d*)@/g, (whole, name: string) => places[name] ?? whole);
}

/** Every tree with one statement less, the largest statements first: what a shrinking search tries. */
export function* withOneLess(statements: readonly Statement[]): Generator<readonly Statement[]> {
  const order = statements.map((_, index) => index).sort((a, b) => size(statements[b]) - size(statements[a]));
  for (const index of order) yield statements.toSpliced(index, 1);
  for (const index of order) {
    const statement = statements[index];
    if (statement?.block === undefined) continue;
    for (const inside of withOneLess(statement.block)) yield statements.with(index, { ...statement, block: inside });
  }
}

export function size(statement: Statement | undefined): number {
  return statement === undefined ? 0 : 1 + (statement.block ?? []).reduce((sum, inside) => sum + size(inside), 0);
}

/** Calls `visit` for every statement, outer ones first. */
export function walkStatements(statements: readonly Statement[], visit: (statement: Statement) => void): void {
  for (const statement of statements) {
    visit(statement);
    walkStatements(statement.block ?? [], visit);
  }
}
