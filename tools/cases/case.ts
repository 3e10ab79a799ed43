import { LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const expectedEvidence = z.strictObject({
  kind: z.enum(['config', 'log', 'file', 'response', 'probe', 'token', 'policy', 'trace', 'absence']),
  file: z.string().optional(),
  line: z.int().positive().optional(),
  /** Part of what is quoted. */
  text: z.string().optional(),
});

const expectedRemedy = z.strictObject({
  apply: z.enum(['safe', 'review', 'fill-in', 'by-hand', 'none']).optional(),
  /** The kind of one of its steps. */
  step: z.enum(['edit', 'command', 'manual']).optional(),
  /** Part of a step as a person reads it: the diff, the command line, or the words. */
  contains: z.string().optional(),
});

const given = z.record(z.string(), z.unknown());

const expectation = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('found'),
    at: z.int().nonnegative().optional(),
    certainty: z.enum(['proven', 'likely', 'possible']).optional(),
    title: z.string().optional(),
    evidence: z.array(expectedEvidence).optional(),
    remedy: expectedRemedy.optional(),
  }),
  z.strictObject({ verdict: z.literal('excluded') }),
  z.strictObject({ verdict: z.literal('undetermined'), missing: z.string().optional() }),
]);

const namedCase = z.strictObject({
  name: z.string().min(1),
  /** True for one that looks like the cause and is not, or barely is. */
  'near-miss': z.boolean().optional(),
  given,
  expect: expectation,
});

const example = z.strictObject({ name: z.string().optional(), given, expect: expectation });

export type Expectation = z.infer<typeof expectation>;
export type Case = z.infer<typeof namedCase>;
export type Example = z.infer<typeof example>;

/** The cases of one file: one a YAML document, or a list of them in one. Throws with the place of what is wrong. */
export function parseCases(text: string, file: string): readonly Case[] {
  return parseYaml(text, file).flatMap(({ value, line }) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((item) => checked(namedCase, item, `${file}:${line}`));
  });
}

/** The body of a fenced example, which needs no name. `line` is where it starts in `file`. */
export function parseExample(text: string, file: string, line: number): Example {
  const [document] = parseYaml(text, file, line);
  return checked(example, document?.value, `${file}:${line}`);
}

function parseYaml(text: string, file: string, firstLine = 1): readonly { readonly value: unknown; readonly line: number }[] {
  const lines = new LineCounter();
  // An empty stream parses to a marker object without documents.
  const documents = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })];
  return documents.map((document) => {
    const [problem] = document.errors;
    const lineOf = (offset: number): number => firstLine - 1 + lines.linePos(offset).line;
    if (problem !== undefined) throw new Error(`${file}:${lineOf(problem.pos[0])}: ${problem.message}`);
    return { value: document.toJS(), line: lineOf(document.contents?.range?.[0] ?? 0) };
  });
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new Error(`${where}: ${z.prettifyError(result.error)}`);
  return result.data;
}
