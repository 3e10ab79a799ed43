import { mapUri } from '../content/path.ts';
import { reach } from '../content/reach.ts';
import { doubt, fail, isLifted, type Journey, LOST, ON, pass, refusalOf, refuse, refuseWith, type Turn } from '../journey.ts';
import type { Directive } from '../syntax/ast.ts';
import type { TryFiles } from '../settings/settings.ts';
import { fromBytes } from '../values/bytes.ts';
import { type CompiledText, expand } from '../values/expand.ts';
import { splitArgs } from '../error-page/split.ts';

/** try_files: the first path that exists becomes the URI; else the last argument is carried out. */
export function tryFiles(journey: Journey): Turn {
  const setting = journey.scope.settings.tryFiles;
  if (setting === null) return ON;
  journey.phase = 'precontent';
  const mapped = mapUri(journey);
  if (mapped.state === 'impossible') return fail(journey, 500, journey.scope.settings.root.directive, mapped.why);
  if (mapped.state === 'unknown') return unknown(journey, setting, mapped.missing);
  const root = mapped.path.slice(0, mapped.rootLength);
  const { replaces } = mapped;
  for (const { text, testsDirectory } of setting.tests) {
    const name = nameOf(journey, text, replaces);
    if (!name.known) return unknown(journey, setting, name.missing);
    const path = root + name.value;
    const found = reach(journey, path, 'test');
    if (found.state === 'unknown') return unknown(journey, setting, found.missing);
    if (found.state === 'blocked') {
      if (found.errno === 'EACCES' || found.errno === 'ELOOP') noteObstacle(journey, setting, found.says, found.refusal(403, 'try-files'));
      continue;
    }
    if ((found.entry.type === 'directory') !== testsDirectory) continue;
    accept(journey, name.value, testsDirectory, replaces);
    pass(journey, setting.directive, `try_files: ${fromBytes(path)} exists`);
    journey.tried = setting.directive;
    return ON;
  }
  return last(journey, setting, replaces);
}

function unknown(journey: Journey, setting: TryFiles, missing: string): Turn {
  doubt(journey, setting.directive, 'which of the files exists is not known', missing);
  return LOST;
}

/** nginx only logs it and goes on to the next name: what comes of it masks the obstacle. */
function noteObstacle(journey: Journey, setting: TryFiles, says: string, refusal: Parameters<typeof refuseWith>[3]): void {
  journey.checks.push({
    phase: journey.phase,
    round: journey.round,
    verdict: 'noted',
    directive: setting.directive,
    says: `${says}; try_files goes on`,
    refusal,
    missing: null,
  });
}

/** The text behind the root. What begins with the alias' location loses that part, but only with variables in it. */
function nameOf(journey: Journey, text: CompiledText, replaces: number | 'whole') {
  const name = expand(text, journey.state);
  if (!name.known || replaces === 'whole' || replaces === 0 || text.constant !== null) return name;
  const { uri } = journey.state;
  return name.value.startsWith(uri.slice(0, replaces)) ? { ...name, value: name.value.slice(replaces) } : name;
}

function accept(journey: Journey, name: string, isDirectory: boolean, replaces: number | 'whole'): void {
  const { state } = journey;
  if (replaces === 0) state.uri = name;
  else if (replaces !== 'whole') state.uri = state.uri.slice(0, replaces) + name;
  else if (!isDirectory) {
    state.uri = name;
    journey.isUriAddedToAlias = true;
  }
}

function last(journey: Journey, setting: TryFiles, replaces: number | 'whole'): Turn {
  const rule = setting.directive;
  if ('code' in setting.last) {
    const { code } = setting.last;
    // 201 and 204 have answers; with any other status below 300 nginx ends the request without sending a thing.
    if (code < 300 && code !== 201 && code !== 204) return silent(journey, rule, code);
    if (code < 400)
      return { kind: 'status', status: code, by: pass(journey, rule, `try_files found nothing: ${code}`), source: 'redirect', what: null };
    const refusal = refusalOf('try-files-status', code, rule, { rule });
    if (isLifted(journey, refusal)) return ON;
    return refuseWith(journey, rule, `try_files found nothing: ${code}`, refusal);
  }
  const target = nameOf(journey, setting.last.target, replaces);
  if (!target.known) return unknown(journey, setting, target.missing);
  const by = pass(journey, rule, `try_files found nothing and goes to ${fromBytes(target.value)}`);
  if (target.value.startsWith('@')) return { kind: 'named', name: target.value, by };
  return { kind: 'redirect', ...splitArgs(target.value), by };
}

function silent(journey: Journey, rule: Directive, code: number): Turn {
  const says = `try_files found nothing: =${code}, for which nginx sends nothing`;
  const refusal = refusalOf('try-files-status', 444, rule, { rule });
  if (isLifted(journey, refusal)) return ON;
  return { kind: 'status', status: 444, by: refuse(journey, rule, says, refusal), source: 'closed', what: null };
}
