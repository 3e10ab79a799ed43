import { type Bag, gathered } from '@why403/decision';
import { type Carried, carriesMany } from '@why403/edge';
import { survey } from '@why403/filesystem/collect';
import { DEBIAN } from '../collect/build.ts';
import { readTail } from '../collect/logs.ts';
import { admitClient } from '../causes/denial/remedies.ts';
import type { NginxRefusals } from '../causes/evidence.ts';
import { quote } from '../causes/quote.ts';
import type { Attributed } from '../model/attribution/attribute.ts';
import { appResponsesOf } from '../model/behind.ts';
import { carriedIn } from '../model/carried.ts';
import { clientAddressesOf } from '../model/client-address.ts';
import { verificationsOf } from '../model/client-verification.ts';
import { accessLogsIn, parseAccessLog } from '../model/logs/index.ts';
import { mismatchesOf } from '../model/mismatch.ts';
import { onion } from '../model/onion.ts';
import type { Walk } from '../model/trace.ts';
import type { Seen } from './gather.ts';

/** Of a long access log the newest part tells enough of who comes through a proxy. */
const MOST_LOG = 256 * 1024;

/** What stands in front of nginx and behind it, as far as refusals point there. */
export async function gatherAround(seen: Seen, refusals: NginxRefusals, walk: Walk | undefined): Promise<Bag> {
  const { exchange, observation, scene } = seen;
  const { items, missing } = refusals;
  // The log is the same in every round of the survey.
  let logged: readonly Carried[] | null = null;
  const loggedRequests = (): readonly Carried[] => (logged ??= readLogged(seen, items));
  const { answer: addresses } = await survey(seen.subject.view, seen.subject.tree, () =>
    clientAddressesOf({
      configuration: refusals.configuration,
      request: refusals.request,
      items,
      missing,
      quote,
      refusalsFor: (address, without) => refusalsFor(seen, address, without),
      admit: (item, address) => {
        const { refusal } = item;
        if (refusal.kind !== 'access-rule') return null;
        return admitClient({ ...item, refusal: { ...refusal, client: address } }, refusals)[0];
      },
      carriesMany: (peer) => carriesMany(loggedRequests(), peer),
    }),
  );
  return {
    'edge/client-addresses': gathered(addresses),
    'client/mismatches': gathered(mismatchesOf({ items, walk, request: refusals.request, observation, missing, quote })),
    'tls/client-verifications': gathered(
      verificationsOf({
        items,
        missing,
        configuration: refusals.configuration,
        request: refusals.request,
        observation,
        certificate: seen.certificate.certificate,
        authorities: seen.certificate.authorities,
        quote,
      }),
    ),
    'app/responses': gathered(appResponsesOf({ items, exchange, observation, missing, quote, redactor: scene.redactor })),
  };
}

function refusalsFor({ predictor, request }: Seen, address: string, without: string | null): ReadonlyMap<string, boolean> {
  const headers = without === null ? request.headers : request.headers.filter(([name]) => name.toLowerCase() !== without.toLowerCase());
  const { refusals } = onion(predictor.plan, { ...request, headers, peer: { address, port: null } }, predictor.world());
  return new Map(refusals.map(({ refusal, certain }) => [refusal.key, certain]));
}

/** The requests that the access logs in force where the first refusal stands have recorded lately. */
function readLogged({ subject }: Seen, items: readonly Attributed[]): readonly Carried[] {
  const [item] = items;
  if (item === undefined) return [];
  const inside = item.walk.locations.at(-1) ?? item.walk.server.directive;
  const { configuration, view, build, errorLog } = subject;
  const defaults = { errorLog, accessLog: build?.accessLog ?? DEBIAN.accessLog };
  const logs = accessLogsIn(configuration, inside, defaults).flatMap(({ target, format }) =>
    target.kind === 'file' && format !== null ? [{ path: target.path, format }] : [],
  );
  const read = readTail(
    view,
    logs.map(({ path }) => path),
    MOST_LOG,
  );
  return logs.flatMap(({ path, format }) => carriedIn(parseAccessLog(format, read.logs.find((log) => log.path === path)?.text ?? '')));
}
