import type { Walk } from '../../model/trace.ts';
import { type Statement, walkStatements } from '../generate/statement.ts';

/** How often a directive came up: in configurations, in pairs with those, in walks that looked at it, in walks it decided. */
export interface Row {
  configurations: number;
  pairs: number;
  looked: number;
  decided: number;
}

export class Histogram {
  readonly #rows = new Map<string, Row>();

  #row(name: string): Row {
    const row = this.#rows.get(name) ?? { configurations: 0, pairs: 0, looked: 0, decided: 0 };
    this.#rows.set(name, row);
    return row;
  }

  addSite(http: readonly Statement[], pairs: number): void {
    const names = new Set<string>();
    walkStatements(http, ({ name }) => names.add(name));
    for (const name of names) {
      // Entries of geo and map blocks are values, not directives.
      if (!/^[a-z][a-z0-9_]+$/.test(name)) continue;
      const row = this.#row(name);
      row.configurations += 1;
      row.pairs += pairs;
    }
  }

  addWalk(walk: Walk): void {
    for (const name of new Set(walk.checks.flatMap(({ directive }) => (directive === null ? [] : [directive.name]))))
      this.#row(name).looked += 1;
    const deciding = walk.checks[walk.answer.by]?.directive;
    if (deciding !== null && deciding !== undefined) this.#row(deciding.name).decided += 1;
  }

  get(name: string): Readonly<Row> | undefined {
    return this.#rows.get(name);
  }

  merge(other: Histogram): void {
    for (const [name, add] of other.#rows) {
      const row = this.#row(name);
      row.configurations += add.configurations;
      row.pairs += add.pairs;
      row.looked += add.looked;
      row.decided += add.decided;
    }
  }

  print(): string {
    const rows = [...this.#rows].sort(([a], [b]) => a.localeCompare(b));
    const line = (name: string, ...cells: readonly (string | number)[]): string =>
      `${name.padEnd(30)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
    return [
      line('directive', 'configs', 'pairs', 'looked', 'decided'),
      ...rows.map(([name, row]) => line(name, row.configurations, row.pairs, row.looked, row.decided)),
    ].join('\n');
  }
}
