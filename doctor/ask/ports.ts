export type { AskPorts } from '@why403/client';

/** What the person allowed and assumed beside curl's flags. */
export interface AskSettings {
  /** `--send`: requests that may change something go out too. */
  readonly maySend: boolean;
  /** Evidence was named, so that nothing needs to be sent. */
  readonly hasEvidence: boolean;
  /** `--probe`: send even so. */
  readonly mayProbe: boolean;
  /** `--from` and `--as`. */
  readonly from?: string;
  readonly as?: string;
}
