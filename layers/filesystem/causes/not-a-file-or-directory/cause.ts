import { defineCause } from '@why403/decision';
import { byHand, detectEncounters, fileEvidence } from '../sightings.ts';

const NAMES = {
  fifo: 'a named pipe',
  socket: 'a socket',
  character: 'a character device',
  block: 'a block device',
  symlink: 'a symbolic link',
  file: 'a file',
  directory: 'a directory',
} as const;

/** The path leads to something that is neither a regular file nor a directory. */
export const cause = defineCause({
  id: 'filesystem/not-a-file-or-directory',
  layer: 'filesystem',
  title: 'The path leads to a pipe, socket or device, which a web server does not hand out',
  refines: [],
  needs: ['filesystem/obstacles'],
  detect: (evidence) =>
    detectEncounters(evidence['filesystem/obstacles'], (encounter, all) => {
      if (encounter.kind !== 'file-type') return null;
      const what = NAMES[encounter.entry.type];
      return {
        title: `${encounter.real} is ${what}`,
        why: `The server serves regular files and directories only. Reading ${what} could hang the worker or act on another program.`,
        evidence: [fileEvidence(encounter.real, encounter.entry, all, `It is ${what}.`)],
        remedies: [
          byHand(
            'Keep pipes, sockets and devices out of the folder that is served.',
            `Move ${encounter.real} to where its program expects it outside the document root (for sockets and pipes: /run), and put a regular file there if one was meant.`,
          ),
        ],
      };
    }),
});
