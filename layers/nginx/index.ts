import type { House } from '@why403/terms/house';
import { flags } from './flags.ts';
import { findSubject } from './visit/subject.ts';
import { NginxVisit } from './visit/visit.ts';

/** Everything why403 knows of nginx, as the doctor gets to use it. */
export const house: House = {
  id: 'nginx',
  flags,
  visit: async (scene) => {
    const subject = await findSubject(scene);
    return subject === null || 'unseen' in subject ? subject : new NginxVisit(subject, scene);
  },
};
