import type { Flag } from '@why403/terms/house';

/** What this house adds to `diagnose`. */
export const flags: readonly Flag[] = [
  {
    name: '--nginx',
    value: 'FILE',
    says: 'the main nginx configuration file; taken from the listening process when left out',
    repeatable: false,
  },
];
