import type { CauseId } from './cause-id.ts';
import type { Certainty } from './cause.ts';
import type { Evidence, Some } from './evidence.ts';
import type { Layer } from './layers.ts';
import type { Remedy } from './remedy.ts';

interface Judged {
  /** 0 is nearest the client: nginx, then Apache, then the application are three hops. */
  readonly hop: number;
  readonly product: string;
  readonly layer: Layer;
  readonly cause: CauseId;
}

export interface Found extends Judged {
  readonly verdict: 'found';
  readonly certainty: Certainty;
  readonly evidence: Some<Evidence>;
  readonly remedies: Some<Remedy>;
}

export interface Excluded extends Judged {
  readonly verdict: 'excluded';
}

export interface Undetermined extends Judged {
  readonly verdict: 'undetermined';
  readonly missing: Some<string>;
}

/** What one cause came to for one request at one hop. */
export type Judgement = Found | Excluded | Undetermined;

/** What became of a request, and the judgements that lead there. Both halves of why403 speak it. */
export type Decision = { readonly id: string; readonly trail: readonly Judgement[] } & (
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'refused'; readonly by: Found }
  | { readonly outcome: 'undetermined'; readonly by: Undetermined }
);
