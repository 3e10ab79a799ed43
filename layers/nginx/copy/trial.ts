import type { Step } from '@why403/decision';
import type { Identity } from '@why403/filesystem';
import type { Cell, Prediction } from '@why403/terms/house';
import type { Question } from '@why403/terms/request';
import type { Configuration } from '../model/syntax/index.ts';
import type { ModelRequest, World } from '../model/trace.ts';

/** The server that a fix is for, as far as a copy of it must know. */
export interface CopiedServer {
  readonly configuration: Configuration;
  /** The text of `-g` that the running master was started with; empty when there was none. */
  readonly globals: string;
  /** An nginx that can be run here, or null: then a fix is tried by model. */
  readonly binary: string | null;
  /** Such as `1.22.1`; null when the binary didn't say. */
  readonly version: string | null;
  /** The arguments of its configure, as `Build.options`; null when unknown. */
  readonly build: readonly string[] | null;
  readonly worker: Identity;
  /** Whether the master runs as root: decides what a server without `listen` listens on. */
  readonly isMasterRoot: boolean;
  /** How to reach the server's own view of the file system: empty, `/proc/PID/root` or a folder. */
  readonly root: string;
}

/** One trial of a fix: everything about it that only the caller can know. */
export interface Trial {
  readonly server: CopiedServer;
  readonly question: Question;
  readonly steps: readonly Step[];
  readonly cells: readonly Cell[];
  /** The question as it reaches the server's socket, with the peer's address. */
  request(question: Question): ModelRequest;
  /** The address nginx takes for the client's, after realip and once `steps` are done; null when the model can't tell. */
  client(question: Question, steps: readonly Step[]): string | null;
  /** What was observed of the things behind; null stands for 200. */
  readonly stubs: Pick<World, 'upstream' | 'authRequest'>;
  /** The status that the real server answered with; null when it wasn't asked. */
  readonly observed: number | null;
  predict(question: Question, steps: readonly Step[]): Prediction;
  /** Paths that the model looked at for a question; null leaves it to the copy to find out. */
  paths?(question: Question, steps: readonly Step[]): readonly string[] | null;
  readonly signal: AbortSignal;
}
