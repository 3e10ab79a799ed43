import { type Report, reportSchema } from './schema.ts';

export type { Report } from './schema.ts';

/** Reads a report of a released version from JSON text. Throws a zod error that names the member at fault. */
export function readReport(text: string): Report {
  return reportSchema.parse(JSON.parse(text));
}
