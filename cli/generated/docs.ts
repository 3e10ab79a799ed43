// Written by `npm run gen` from layers/*. Edit nothing here.
import type { CauseId } from '@why403/decision';

/** The page of each cause, as Markdown. */
export const docs: ReadonlyMap<CauseId, string> = new Map<CauseId, string>([
]);
