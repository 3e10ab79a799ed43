// Written by `npm run gen` from layers/*. Edit nothing here.
import type { HouseEntry } from '@why403/terms/house';

export const houses: readonly HouseEntry[] = [
];
