import { defineCause, type Evidence, type Remedy, type Some } from '@why403/decision';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { detectRefusals } from '../sightings.ts';

/** nginx's WebDAV module carries the request out as the worker, and the system would not let it. */
export const cause = defineCause({
  id: 'nginx/dav-refused',
  layer: 'server',
  title: 'The WebDAV module refuses this operation',
  refines: [],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'module', (item, all) => {
      const { rule, module, status } = item.refusal;
      if (module !== 'dav') return null;
      const { method, target } = all.request;
      const folder = refusedFolder(all);
      return {
        title:
          folder === null
            ? `${method} ${target} is refused by the WebDAV module (${textOf(rule)} at ${placeOf(rule)})`
            : `${all.worker.user} may not write in ${folder}, so the WebDAV module can't carry out ${method} ${target}`,
        why: `nginx switches ${method} on with ${textOf(rule)}, and carries it out as its worker ${all.worker.user}. What the system forbids the worker, it answers with 403 for DELETE and MKCOL, and with 500 for PUT, COPY and MOVE${status === 403 ? '' : ', although nothing is broken'}.`,
        evidence: [quote(rule, 'WebDAV methods are switched on here.'), ...folderEvidence(folder)],
        remedies: remediesFor(folder, all),
      };
    }),
});

const FAILED = /^(?:rename|unlink|rmdir|mkdir|open|link)\(\) "([^"]+)"(?: to "([^"]+)")? failed \((?:1|13|30):/;

/** To make or remove an entry takes the right to write in its directory, which is the one that counts. */
function refusedFolder({ observation }: NginxRefusals): string | null {
  for (const { message } of observation?.errors ?? []) {
    const [, from, to] = FAILED.exec(message) ?? [];
    const path = (to ?? from)?.replace(/\/+$/, '');
    if (path !== undefined) return path.slice(0, Math.max(1, path.lastIndexOf('/')));
  }
  return null;
}

function folderEvidence(folder: string | null): readonly Evidence[] {
  return folder === null
    ? []
    : [{ kind: 'file', file: folder, says: 'The directory that would have to be written to.', audience: 'operator' }];
}

function remediesFor(folder: string | null, { worker, request }: NginxRefusals): Some<Remedy> {
  const caller: Remedy = {
    who: 'caller',
    say: 'Name a place that the server may write to.',
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: `Send the ${request.method} to a path, or with a Destination, that the server may write to.` }],
  };
  if (folder === null) return [caller];
  return [
    {
      who: 'operator',
      say: `Let ${worker.user} write in ${folder} and nowhere else, if uploads are meant to be there, and keep scripts from being run there.`,
      apply: 'by-hand',
      steps: [{ kind: 'command', argv: ['setfacl', '-m', `u:${worker.user}:rwx`, folder] }],
    },
    caller,
  ];
}
