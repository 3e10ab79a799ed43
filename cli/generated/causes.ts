// Written by `npm run gen` from layers/*. Edit nothing here.
import type { CauseEntry } from '@why403/terms/house';

export const causes: readonly CauseEntry[] = [
];
