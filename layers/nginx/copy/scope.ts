import type { Directive } from '../model/syntax/index.ts';
import { treatmentOf } from './treatment.ts';

/** Everything that passes requests on in this location itself, its `if` and `limit_except` blocks included. */
export function passesOf(block: Directive): readonly Directive[] {
  return (block.block ?? []).flatMap((directive) => {
    if (treatmentOf(directive.name) === 'pass') return [directive];
    return directive.name === 'if' || directive.name === 'limit_except' ? passesOf(directive) : [];
  });
}

/** Variables that only exist because this block sets them; others may read them, and nginx knows them everywhere. */
export function declaredIn(block: Directive, names: Set<string>): void {
  for (const directive of block.block ?? []) {
    const [first = ''] = directive.args;
    if ((directive.name === 'set' || directive.name === 'auth_request_set') && /^\$\w+$/.test(first)) names.add(first.slice(1));
    for (const arg of directive.args) for (const [, name = ''] of arg.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)) names.add(name);
    declaredIn(directive, names);
  }
}

/** The value of a switch at a place: the nearest block that sets it, else off. */
export function inForce(directive: Directive, name: string): string {
  for (let block = directive.parent; block !== null; block = block.parent) {
    const set = (block.block ?? []).find((one) => one.name === name);
    if (set !== undefined) return set.args[0] ?? 'off';
  }
  return 'off';
}
