import type { Bag, Cause, CauseId, Layer, Some, Step } from '@why403/decision';
import type { Redactor } from '@why403/terms/redaction';
import type { Exchange, Question } from '@why403/terms/request';

/** An option of `diagnose` that a house adds. */
export interface Flag {
  /** With its dashes: `--error-log`. */
  readonly name: string;
  /** The placeholder of its value; null for a switch. */
  readonly value: string | null;
  readonly says: string;
  readonly repeatable: boolean;
}

/** The process that answers on an address of this machine, as far as it could be seen. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** The executable's path as the process sees it; null without the right to read it. */
  readonly executable: string | null;
  readonly argv: readonly string[];
  readonly workingDirectory: string | null;
  readonly uid: number;
  /** How to reach the process's own view of the file system: empty, or `/proc/PID/root`. */
  readonly root: string;
  /** Whether it lives in another mount or network namespace than why403 does. */
  readonly elsewhere: { readonly mount: boolean; readonly network: boolean };
  /** When the process started, in milliseconds since the epoch; null when unknown. */
  readonly startedAt: number | null;
}

/** What a house is told when it is asked to have a look. */
export interface Scene {
  readonly question: Question;
  /** Values of every evidence flag given, by name with dashes. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** The listener behind the question's address on this machine, or null. */
  readonly listener: Listener | null;
  /** The address the name leads to, or null when it was not asked or did not resolve. */
  readonly address: string | null;
  /** Everything goes through it before it enters a bag, a report or an error; one key per run. */
  readonly redactor: Redactor;
  readonly now: () => number;
}

export type LayerVerdict = 'passed' | 'refused' | 'undetermined' | 'not-checked' | 'not-present';

/** What a layer came to at this hop; `missing` says what evidence would settle a doubt. */
export interface LayerReport {
  readonly layer: Layer;
  readonly verdict: LayerVerdict;
  readonly missing?: Some<string>;
}

/** Who wrote a response, and how that was told. */
export interface Producer {
  readonly product: string;
  readonly version: string | null;
  readonly because: string;
}

/** A decision that was changed on its way out: a 403 shown as 404, say. */
export interface Masked {
  readonly status: number;
  /** Told where `status` is the server's own and not registered (RFC 9110 §16.2), so that nobody else can know whether it refuses. */
  readonly refuses?: boolean;
  readonly says: string;
  readonly file?: string;
  readonly line?: number;
}

/** What a house brings back: evidence, and the state of the layers it looked at. */
export interface Gathering {
  /** The address the server takes for the client's; null when it isn't known. */
  readonly client: string | null;
  /** The status that logs tell of a request that was not sent; null or left out when none does. */
  readonly told?: number | null;
  /** Null when the response bears no mark of this house's product, or nothing was asked. */
  readonly producer: Producer | null;
  readonly masks: Masked | null;
  readonly bag: Bag;
  readonly layers: readonly LayerReport[];
  /** Things it could not see and what that leaves open, as sentences for the operator. */
  readonly blind: readonly string[];
}

/** A model's answer to one request. `status` is null when the model can't tell. */
export interface Prediction {
  readonly status: number | null;
  /** What was decided before the status was changed on its way out (a 403 shown as 200, say); null or left out when nothing was. */
  readonly masks?: number | null;
  /** Why not, when it can't tell. */
  readonly missing: readonly string[];
}

/** One request of the collateral matrix: the question with one thing changed. */
export interface Cell {
  /** What was changed, as in `parent directory` or `another IPv6 address`. */
  readonly label: string;
  readonly question: Question;
}

export interface CellChange {
  readonly label: string;
  readonly method: string;
  readonly url: string;
  readonly client: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** What a trial of a fix came to. */
export interface Proof {
  readonly status: 'proven' | 'refuted' | 'not-run';
  readonly by: 'server' | 'model';
  /** What it was tried on, or why it was not. */
  readonly how: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly collateral: { readonly checked: number; readonly changed: readonly CellChange[] };
}

/** What came of doing a fix on the real files. */
export interface Applied {
  readonly status: 'applied' | 'undone' | 'refused';
  readonly says: string;
  /** Copies of the files as they were. */
  readonly backups: readonly string[];
}

/** A house whose product is here, and that may not look into it: what could not be seen, and the way out. */
export interface Unseen {
  readonly product: string;
  /** Sentences for the operator: what could not be seen and what that leaves open. */
  readonly unseen: Some<string>;
  /** The one thing that would settle it. */
  readonly settle: string;
}

/** A house that found its product in the scene. One visit is one hop. */
export interface Visit {
  readonly house: string;
  readonly product: string;
  readonly version: string | null;
  /** Called once, after the probe (null when nothing was sent). */
  gather(exchange: Exchange | null): Promise<Gathering>;
  /** Goes to see whatever `predict` will need to know for these, within limits. */
  prepare(questions: readonly Question[]): Promise<void>;
  /** By model alone: what the server would answer once `steps` are carried out. No I/O. */
  predict(question: Question, steps: readonly Step[]): Prediction;
  /** Requests that touch every section which `steps` change, beside the doctor's own matrix. */
  neighbors(question: Question, steps: readonly Step[]): readonly Cell[];
  /** Tries `steps` on a private copy of the server; falls back to the model and says so. */
  prove(question: Question, steps: readonly Step[], cells: readonly Cell[], signal: AbortSignal): Promise<Proof>;
  /** The text of a file that an edit names, as it was read; null when it wasn't. */
  source(file: string): string | null;
  /** Values in its configuration that are secrets: whoever shows anything of it leaves them out. */
  readonly secrets: readonly string[];
  /** Steps that make the running server read its files again, to be told last. */
  reload(): readonly Step[];
  /**
   * Does `steps` on the real files: backup, test, reload, `ask` again, undo unless that helped. `expected` is
   * what the trial came to, which counts as help even if it is no 2xx or 3xx.
   */
  apply(steps: readonly Step[], ask: () => Promise<number | null>, expected: number | null): Promise<Applied>;
  /** What is behind this hop, when the request goes on to another server. */
  readonly behind: Question | null;
}

export interface House {
  readonly id: string;
  readonly flags: readonly Flag[];
  /** Prepares for the probe (notes where logs end, reads configuration). Null: its product isn't here. */
  visit(scene: Scene): Promise<Visit | Unseen | null>;
}

/** A row of the generated index of causes. */
export interface CauseEntry {
  readonly id: CauseId;
  readonly layer: Layer;
  readonly title: string;
  /** Copied from the cause, so that it is loaded only when its kinds were looked for. */
  readonly needs: readonly string[];
  readonly load: () => Promise<{ readonly cause: Cause }>;
}

/** A row of the generated index of houses. `flags` is known at start; the house loads when it is visited. */
export interface HouseEntry {
  readonly id: string;
  readonly flags: readonly Flag[];
  readonly load: () => Promise<{ readonly house: House }>;
}
