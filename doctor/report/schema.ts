import { LAYERS } from '@why403/decision';
import { z } from 'zod';

/**
 * `why403/report@1`, written once: types, validation and the published JSON Schema come from here.
 * Members may be added within a version; none is renamed, removed or given another meaning.
 */

const status = z.int().min(100).max(599);
const layer = z.enum(LAYERS);
const causeId = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/);

export const evidenceSchema = z.object({
  kind: z.enum(['config', 'log', 'file', 'response', 'probe', 'token', 'policy', 'trace', 'absence']),
  file: z.string().optional(),
  line: z.int().positive().optional().describe('counts from 1'),
  column: z.int().positive().optional().describe('counts from 1, in UTF-16 code units'),
  text: z.string().optional().describe('the quotation, secrets redacted'),
  says: z.string(),
  audience: z.enum(['caller', 'operator']),
});

export const stepSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('patch'),
    file: z.string().describe('the resolved real file'),
    diff: z.string().describe('a unified diff that `patch -p0 FILE` applies'),
  }),
  z.object({ kind: z.literal('command'), argv: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal('manual'), text: z.string() }),
]);

export const proofSchema = z.object({
  status: z.enum(['proven', 'refuted', 'not-run']),
  by: z.enum(['server', 'model']),
  how: z.string(),
  before: status.nullable(),
  after: status.nullable(),
  collateral: z.object({
    checked: z.int().nonnegative(),
    changed: z.array(
      z.object({
        label: z.string(),
        method: z.string(),
        url: z.string(),
        client: z.string(),
        before: status.nullable(),
        after: status.nullable(),
      }),
    ),
  }),
});

export const remedySchema = z.object({
  who: z.enum(['caller', 'operator']),
  say: z.string(),
  apply: z.enum(['safe', 'review', 'fill-in', 'by-hand', 'none']).describe('none: keep the refusal'),
  steps: z.array(stepSchema),
  proof: proofSchema.optional(),
});

export const findingSchema = z.object({
  cause: causeId,
  refines: z.array(causeId).describe('broader causes that are also true, most specific first'),
  layer,
  product: z.string(),
  hop: z.int().nonnegative().describe('0 is nearest the client'),
  title: z.string(),
  why: z.string(),
  certainty: z.enum(['proven', 'likely', 'possible']),
  confidence: z.number().min(0).max(1).describe('proven >= 0.95 > likely >= 0.6 > possible'),
  beside: z.boolean().optional().describe('true of this refusal and no rival for it: nothing that refuses'),
  evidence: z.array(evidenceSchema).min(1),
  remedies: z.array(remedySchema).min(1),
});

export const reportSchema = z.object({
  format: z.literal('why403/report@1'),
  question: z.object({
    method: z.string(),
    url: z.string().describe('redacted'),
    headers: z.record(z.string(), z.string()).describe('redacted; repeated fields joined with a comma'),
    client: z.string().nullable().describe('the address the server sees, when known'),
  }),
  observed: z
    .object({
      status,
      producer: z.object({ product: z.string(), version: z.string().nullable(), because: z.string() }).nullable(),
      masks: z
        .object({
          status: status.describe('what was decided before it was changed on its way out'),
          says: z.string(),
          file: z.string().optional(),
          line: z.int().positive().optional(),
        })
        .nullable(),
    })
    .nullable()
    .describe('null when nothing was asked'),
  outcome: z.enum(['refused', 'allowed', 'failed', 'undetermined', 'unreachable']),
  summary: z.string().describe('the answer in one sentence'),
  meaning: z.string().optional().describe('what the status says and what it does not, where it is a neighbor of 403 or stands in for one'),
  findings: z.array(findingSchema).describe('[0] refused first; then rivals for the same refusal, by certainty'),
  next: z.array(findingSchema).describe("what would refuse after that, in the servers' order"),
  fix: z
    .object({ steps: z.array(stepSchema), proof: proofSchema })
    .nullable()
    .describe('the least ordered set of steps that lets the request through'),
  layers: z.array(
    z.object({
      layer,
      verdict: z.enum(['passed', 'refused', 'undetermined', 'not-checked', 'not-present']),
      missing: z.array(z.string()).optional(),
    }),
  ),
  settle: z
    .object({ check: z.string(), argv: z.array(z.string()).optional(), why: z.string() })
    .nullable()
    .describe("the one next check, when certainty isn't proven"),
  notes: z.array(z.string()).describe('what could not be seen and what that leaves open; other remarks'),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportFinding = z.infer<typeof findingSchema>;
export type ReportStep = z.infer<typeof stepSchema>;
export type ReportProof = z.infer<typeof proofSchema>;
export type ReportRemedy = z.infer<typeof remedySchema>;
export type ReportEvidence = z.infer<typeof evidenceSchema>;
