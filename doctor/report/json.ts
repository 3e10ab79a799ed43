import type { Report } from './schema.ts';

/** One report as one line of JSON: several questions make several lines. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report)}\n`;
}
