import { z } from 'zod';
import { reportSchema } from './schema.ts';

/** The published JSON Schema (draft 2020-12) of `why403/report@1`, from the one place where it is written. */
export function reportJsonSchema(): object {
  return { title: 'why403/report@1', ...z.toJSONSchema(reportSchema, { io: 'input' }) };
}
