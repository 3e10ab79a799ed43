/**
 * The layers a request can meet, in the order a report lists them. Who refused *first* is never read
 * from this tuple: it comes from the traces of the servers' models.
 */
export const LAYERS = [
  'client',
  'dns',
  'tls',
  'edge',
  'waf',
  'server',
  'filesystem',
  'kernel',
  'runtime',
  'gateway',
  'token',
  'bucket',
  'app',
  'llm',
] as const;

export type Layer = (typeof LAYERS)[number];
