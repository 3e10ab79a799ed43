import { defineCause, type Detection, type Evidence, isSome, type Remedy, type Sighting, type Some } from '@why403/decision';
import { contains, parseAddress, parseNetwork } from '@why403/terms/address';
import type { Check } from '../../model/trace.ts';
import type { Directive } from '../../model/syntax/ast.ts';
import { remove } from '../../model/syntax/index.ts';
import { chainOf, nameOf } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, quote, textOf } from '../quote.ts';

/** What is behind let the request through, and named with X-Accel-Redirect a location of nginx that refuses. */
export const cause = defineCause({
  id: 'nginx/x-accel-into-denied',
  layer: 'server',
  title: 'The application let the request through, into a location of nginx that refuses',
  refines: ['nginx/deny-rule'],
  needs: ['nginx/refusals'],
  detect: ({ 'nginx/refusals': gathered }): Detection => {
    if (gathered.state === 'unavailable') return { verdict: 'undetermined', missing: [gathered.missing] };
    const all = gathered.value;
    const passed = passedOn(all);
    const sighting = passed === null ? null : see(passed, all);
    if (sighting !== null) return { verdict: 'found', sightings: [sighting] };
    return isSome(all.missing) && !tellsOfRule(all) ? { verdict: 'undetermined', missing: all.missing } : { verdict: 'excluded' };
  },
});

/** With the status from behind in the access log nothing else is left; without it an intercepted error page could have led there. */
const SEEN = 0.97;
const ASSUMED = 0.8;

/** The step that handed the request on; null when something else than what came back explains the line in the log. */
function passedOn({ walk, items, observation }: NginxRefusals): Check | null {
  if (walk === null || observation === null) return null;
  if (items.some((item) => item.at === 0 && item.refusal.kind === 'access-rule')) return null;
  return walk.checks.find(({ refusal, verdict }) => refusal?.kind === 'upstream' && verdict === 'undetermined') ?? null;
}

function ruleLine({ observation }: NginxRefusals) {
  return observation?.errors?.find(({ message }) => message.startsWith('access forbidden by rule')) ?? null;
}

function tellsOfRule(all: NginxRefusals): boolean {
  return ruleLine(all) !== null;
}

function see({ directive, refusal }: Check, all: NginxRefusals): Sighting | null {
  const line = ruleLine(all);
  const handed = refusal?.kind === 'upstream' ? refusal.rule : directive;
  if (line === null || handed === null) return null;
  const statuses = (all.observation?.access?.get('upstream_status') ?? '').split(/[,:]/).map((one) => one.trim());
  const answered = statuses.filter((one) => /^\d{3}$/.test(one)).at(-1);
  // An error from behind went to the client as it came, or to an error page.
  if (answered !== undefined && !answered.startsWith('2')) return null;
  const denied = deniedLocations(all);
  const [only] = denied;
  const where =
    only === undefined
      ? 'a location that refuses'
      : denied.length === 1
        ? nameOf(only.location)
        : `one of ${denied.length} locations that refuse`;
  const evidence: Some<Evidence> = [
    quote(handed, 'The request is handed on here, and no rule stood in its way.'),
    {
      kind: 'log',
      file: line.file,
      ...(line.line === null ? {} : { line: line.line }),
      text: line.text,
      says: 'nginx refused by a rule all the same, after the answer came.',
      audience: 'operator',
    },
    ...denied.map(({ location, rule }) => quote(rule, `This refuses in ${nameOf(location)}, where an internal redirect may lead.`)),
    ...(all.observation?.quotes ?? []),
  ];
  return {
    at: 0,
    title: `What is behind ${textOf(handed)} (${placeOf(handed)}) let the request through, and its answer led into ${where}`,
    why: 'With X-Accel-Redirect an application hands the sending of a file back to nginx, which looks for a location anew and asks its allow and deny rules about the same client. The header does not reach the client, and the error log names the address that was asked for.',
    confidence: answered === undefined ? ASSUMED : SEEN,
    evidence,
    remedies: remediesFor(denied, all),
  };
}

interface Denied {
  readonly location: Directive;
  readonly rule: Directive;
}

/** Locations of the same server, not on the request's own way, whose rules refuse this client; internal ones first. */
function deniedLocations({ walk }: NginxRefusals): readonly Denied[] {
  const server = walk?.server.directive ?? null;
  if (walk === null || server === null) return [];
  const denied = locationsIn(server)
    .filter((location) => !walk.locations.includes(location))
    .flatMap((location) => {
      const rules = rulesAt(location);
      const rule = rules.find((one) => matches(one, walk.client.address));
      return rule?.name === 'deny' ? [{ location, rule }] : [];
    });
  const internal = denied.filter(({ location }) => isInternal(location));
  return internal.length > 0 ? internal : denied;
}

function locationsIn(block: Directive): readonly Directive[] {
  return (block.block ?? []).filter(({ name }) => name === 'location').flatMap((one) => [one, ...locationsIn(one)]);
}

/** allow and deny are inherited all or nothing (ngx_http_access_merge_loc_conf). */
function rulesAt(location: Directive): readonly Directive[] {
  for (const block of chainOf(location)) {
    const own = (block.block ?? []).filter(({ name }) => name === 'allow' || name === 'deny');
    if (own.length > 0) return own;
  }
  return [];
}

function matches(rule: Directive, client: string): boolean {
  if (rule.args[0] === 'all') return true;
  const network = parseNetwork(rule.args[0] ?? '');
  const address = parseAddress(client);
  return network !== null && address !== null && contains(network, address);
}

function isInternal(location: Directive): boolean {
  return location.block?.some(({ name }) => name === 'internal') === true;
}

function remediesFor(denied: readonly Denied[], { configuration }: NginxRefusals): Some<Remedy> {
  const look: Remedy = {
    who: 'operator',
    say: 'Find out where the application sends the request: the X-Accel-Redirect header of its answer says so.',
    apply: 'by-hand',
    steps: [
      { kind: 'manual', text: 'Ask the application directly, on the address it listens on, and read X-Accel-Redirect in its answer.' },
    ],
  };
  const [only, ...others] = denied;
  if (only === undefined || others.length > 0 || !isInternal(only.location) || only.rule.parent !== only.location) return [look];
  return [
    {
      who: 'operator',
      say: `Remove ${textOf(only.rule)} at ${placeOf(only.rule)}: ${nameOf(only.location)} is internal, so that nobody gets in but by an answer of the application.`,
      apply: 'by-hand',
      steps: [{ kind: 'edit', edits: [remove(configuration, only.rule)] }],
    },
    look,
  ];
}
