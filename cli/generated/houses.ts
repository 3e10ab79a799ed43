// Written by `npm run gen` from layers/*. Edit nothing here.
import { flags as nginxFlags } from '@why403/nginx/flags';
import type { HouseEntry } from '@why403/terms/house';

export const houses: readonly HouseEntry[] = [
  { id: 'nginx', flags: nginxFlags, load: () => import('@why403/nginx') },
];
