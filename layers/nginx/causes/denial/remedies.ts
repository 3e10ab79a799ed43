import type { Edit, Remedy, Some } from '@why403/decision';
import { insertAtStart, insertBefore, remove } from '../../model/syntax/edit.ts';
import type { Directive } from '../../model/syntax/ast.ts';
import { descendants } from '../../model/syntax/descendants.ts';
import type { Attributed } from '../../model/attribution/attribute.ts';
import { blockAt, locationAt, nameOf } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, textOf } from '../quote.ts';
import { isScriptPath, isSensitivePath } from '../sensitive-path.ts';
import { type Denial, namesOnly } from './shape.ts';

/**
 * Ways to let this client in and nobody else. Rules are inherited all or nothing, so a rule that stands
 * further out than the location asked for is better copied inward, with the one address in front, than
 * widened for everything that inherits it.
 */
export function admitClient(item: Denial, all: NginxRefusals): Some<Remedy> {
  const right = keepWhatIsRight(item, all.request.target);
  if (right !== null) return [right];
  const { rule, client } = item.refusal;
  const own = namesOnly(rule, client) ? [dropRule(item, all)] : [allowBefore(item, all)];
  const inward = copyInward(item, all);
  const [first, ...rest] = inward === null ? own : [inward, ...own];
  // `own` always holds one remedy.
  return [first as Remedy, ...rest];
}

/** The remedy for a refusal that does its job. */
export function keep(target: string): Remedy {
  return {
    who: 'operator',
    say: `Keep this refusal: ${target} is of a kind that should not be public. If someone needs it, hand it over another way.`,
    apply: 'none',
    steps: [],
  };
}

/** A remedy that changes nothing, for a refusal that does its job; null for any other. */
export function keepWhatIsRight({ walk, check }: Pick<Attributed, 'walk' | 'check'>, target: string): Remedy | null {
  if (isSensitivePath(target)) return keep(target);
  const location = locationAt(walk, check);
  return isScriptPath(target) && location !== null && !leadsOn(location) ? keepSource(target, location) : null;
}

/** Whether a location hands requests to a program or to another location, rather than sending files as they are. */
function leadsOn(location: Directive): boolean {
  return descendants(location.block ?? []).some((one) =>
    /_pass$|^(?:try_files|rewrite|location|perl|js_content|content_by_lua\w*)$/.test(one.name),
  );
}

function keepSource(target: string, location: Directive): Remedy {
  return {
    who: 'operator',
    say: `Keep this refusal: ${nameOf(location)} at ${placeOf(location)} has no program that runs ${target}, so that without the refusal nginx would hand out its source. If it is meant to be reachable, give that location what runs it first (fastcgi_pass, say).`,
    apply: 'none',
    steps: [],
  };
}

function allowBefore({ refusal }: Denial, all: NginxRefusals): Remedy {
  const { rule, client } = refusal;
  return {
    who: 'operator',
    say: `Allow ${client} before ${textOf(rule)} at ${placeOf(rule)}: the first rule that matches decides.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [insertBefore(all.configuration, rule, `allow ${client};`)] }],
  };
}

function dropRule({ refusal }: Denial, all: NginxRefusals): Remedy {
  const { rule, client } = refusal;
  return {
    who: 'operator',
    say: `Remove ${textOf(rule)} at ${placeOf(rule)}: it refuses ${client} and nobody else.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [remove(all.configuration, rule)] }],
  };
}

/** Null when the rules already stand in the innermost block. */
function copyInward(item: Denial, all: NginxRefusals): Remedy | null {
  const { rule, rules, client } = item.refusal;
  const block = blockAt(item.walk, item.check);
  if (block === null || block === rule.parent || block.block === null || item.refusal.within === 'limit-except') return null;
  const lines = [`allow ${client};`, ...rules.map(asWritten)];
  const edit: Edit = insertAtStart(all.configuration, block, lines.join('\n'));
  return {
    who: 'operator',
    say: `Repeat the inherited rules inside ${nameOf(block)} with ${client} allowed first: what else inherits ${textOf(rule)} from ${placeOf(rule)} stays as it is.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [edit] }],
  };
}

function asWritten(rule: Directive): string {
  return `${rule.words.map((word) => word.raw).join(' ')};`;
}
