import { defineCause } from '@why403/decision';
import { byteLength, NAME_MAX, nameOf, PATH_MAX } from '../../model/path.ts';
import { absenceEvidence, byHand, detectEncounters } from '../sightings.ts';

/** A component longer than 255 bytes, or a path longer than 4,095, can't exist: the kernel says ENAMETOOLONG. */
export const cause = defineCause({
  id: 'filesystem/name-too-long',
  layer: 'filesystem',
  title: 'The URL maps to a file name that is longer than any file name can be',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter) => {
      if (encounter.kind !== 'obstacle' || encounter.obstacle.errno !== 'ENAMETOOLONG') return null;
      const { path } = encounter.obstacle;
      const isWhole = byteLength(path) >= PATH_MAX;
      const [what, length, limit] = isWhole ? ['whole path', byteLength(path), PATH_MAX - 1] : ['name', byteLength(nameOf(path)), NAME_MAX];
      const shown = `${path.slice(0, 80)}…`;
      return {
        title: `The ${what} has ${length} bytes, and ${limit} is the most`,
        why: `The server looked for a file named after the URL (${shown}). The kernel answers "File name too long", which some servers pass on as 403 and others as 404. Usually the URL was never meant for a file: an application behind a front controller was to read it.`,
        evidence: [absenceEvidence(shown, `The ${what} is ${length} bytes long; the limit is ${limit}.`)],
        remedies: [
          byHand(
            'Hand such URLs to the application before they are looked up as files, or send the long part in the query or the body.',
            "Route the URL's prefix to the application (a proxy, FastCGI or rewrite rule) so that the server does not look for a file first.",
            `Or shorten the URL: each part between slashes at most ${NAME_MAX} bytes.`,
          ),
        ],
      };
    }),
});
