import type { Flag } from '@why403/terms/house';

/** Evidence that servers of every kind have in common. Houses add their own. */
export const EVIDENCE_FLAGS: readonly Flag[] = [
  { name: '--root', value: 'DIR', says: 'a copied tree of another machine: paths are looked up below it', repeatable: false },
  { name: '--error-log', value: 'FILE', says: 'read this error log instead of the one the configuration names', repeatable: true },
  { name: '--access-log', value: 'FILE', says: 'read this access log instead of the one the configuration names', repeatable: true },
  { name: '--audit-log', value: 'FILE', says: "read the kernel's audit log, or a firewall's, from this file", repeatable: true },
];
