import { defineCause, type Remedy, type Some } from '@why403/decision';
import { header } from '@why403/terms/request';
import type { Directive } from '../../model/syntax/ast.ts';
import { replace } from '../../model/syntax/index.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';
import { evidenceOf } from '../returned/shape.ts';
import { detectRefusals } from '../sightings.ts';

export const cause = defineCause({
  id: 'nginx/default-server',
  layer: 'server',
  title: 'No server block has this name, and the default one refuses',
  refines: ['nginx/return-403'],
  needs: ['nginx/refusals'],
  detect: (evidence) =>
    detectRefusals(evidence['nginx/refusals'], 'return', (item, all) => {
      const { server } = item.walk;
      if (server.how !== 'default' || server.directive === null || item.refusal.provenance.length > 0) return null;
      const host = header(all.request.headers, 'host')?.replace(/:\d+$/, '');
      // A server that names nothing is meant to take everything: only a choice among named servers is a mistake of names.
      if (namedServers(all).length === 0) return null;
      const { rule } = item.refusal;
      return {
        title: `No server_name fits ${host ?? 'a request without Host'}, so the default server answers, and ${textOf(rule)} at ${placeOf(rule)} refuses`,
        why: 'nginx chooses the server block by the Host header among those that listen on this address; when none fits, the default_server of that address, or else the first one, takes the request.',
        evidence: [
          quote(rule, 'The default server refuses here.'),
          quote(server.directive, `This server block is the default for the address; none is named ${host ?? 'by the request'}.`),
          ...evidenceOf(item).slice(1),
        ],
        remedies: remediesOf(host, all),
      };
    }),
});

function namedServers(all: NginxRefusals): readonly { server: Directive; name: Directive }[] {
  const servers = all.configuration.directives
    .flatMap((one) => (one.name === 'http' ? (one.block ?? []) : []))
    .filter((one) => one.name === 'server');
  return servers.flatMap((server) => {
    const name = server.block?.find((one) => one.name === 'server_name' && one.args.some((arg) => arg !== '_' && arg !== ''));
    return name === undefined ? [] : [{ server, name }];
  });
}

function remediesOf(host: string | undefined, all: NginxRefusals): Some<Remedy> {
  const fitting = namedServers(all).filter(({ name }) => name.args.some((arg) => host !== undefined && isKin(arg, host)));
  const caller: Remedy = {
    who: 'caller',
    say: 'Use a name that the server knows: a typo, a bare IP address or an old DNS entry lands on the default server.',
    apply: 'by-hand',
    steps: [
      {
        kind: 'manual',
        text: `Ask for one of: ${namedServers(all)
          .flatMap(({ name }) => name.args)
          .join(', ')}.`,
      },
    ],
  };
  const [only] = fitting;
  if (fitting.length !== 1 || only === undefined || host === undefined) return [caller];
  const words = only.name.words.map((word) => word.raw);
  return [
    {
      who: 'operator',
      say: `Add ${host} to ${textOf(only.name)} at ${placeOf(only.name)}, if it is the same site.`,
      apply: 'review',
      steps: [{ kind: 'edit', edits: [replace(all.configuration, only.name, `${[...words, host].join(' ')};`)] }],
    },
    caller,
  ];
}

/** The same name with or without `www.`, or another name right under the same parent. */
function isKin(name: string, host: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/^www\./, '');
  return bare(name) === bare(host);
}
