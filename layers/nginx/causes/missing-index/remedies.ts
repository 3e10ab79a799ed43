import type { Remedy } from '@why403/decision';
import type { Directive } from '../../model/syntax/ast.ts';
import { descendants, insertAtStart, replace, replaceWord, writeWord } from '../../model/syntax/index.ts';
import { blockAt, chainOf, nameOf } from '../blocks.ts';
import type { NginxRefusals } from '../evidence.ts';
import { placeOf, textOf } from '../quote.ts';
import { indexDirective, indexNames, type NoIndex } from './facts.ts';

export function putIndex(item: NoIndex): Remedy {
  const name = indexNames(item).find((one) => !one.startsWith('/')) ?? 'index.html';
  return {
    who: 'operator',
    say: `Put the page that ${item.refusal.directory} should show there as ${name}, readable by the worker.`,
    apply: 'by-hand',
    steps: [{ kind: 'manual', text: `Create ${item.refusal.directory.replace(/\/*$/, '/')}${name}.` }],
  };
}

/** Adds one name to the names that are tried, in the innermost block that sets them or is asked. */
export function tryName(item: NoIndex, name: string, all: NginxRefusals): Remedy {
  const index = indexDirective(item);
  const block = blockAt(item.walk, item.check);
  const isScript = /\.(?:php\d?|phtml|cgi|pl|py|aspx?|jsp)$/i.test(name);
  const runs = !isScript || hasHandlerFor(name, block);
  const edit =
    index !== null
      ? replace(all.configuration, index, `${[...index.words.map((word) => word.raw), writeWord(name)].join(' ')};`)
      : block === null
        ? null
        : insertAtStart(all.configuration, block, `index ${[...indexNames(item), name].map(writeWord).join(' ')};`);
  const where = index === null ? nameOf(block) : `${textOf(index)} at ${placeOf(index)}`;
  if (edit === null || !runs) {
    return {
      who: 'operator',
      say: `Add ${name} to the index names${runs ? '' : ', but first give scripts a handler: without one nginx would hand out the source of ' + name}.`,
      apply: 'by-hand',
      steps: [{ kind: 'manual', text: `Add ${name} to index in ${where}.` }],
    };
  }
  return { who: 'operator', say: `Try ${name} as well: add it to ${where}.`, apply: 'review', steps: [{ kind: 'edit', edits: [edit] }] };
}

/** Whether some location of the server hands files of that ending to a program. */
function hasHandlerFor(name: string, block: Directive | null): boolean {
  const server = chainOf(block).find((one) => one.name === 'server');
  const ending = name.slice(name.lastIndexOf('.') + 1);
  return descendants(server?.block ?? []).some(
    (one) =>
      one.name === 'location' &&
      one.args.at(-1)?.includes(ending) === true &&
      descendants(one.block ?? []).some((inner) => inner.name.endsWith('_pass')),
  );
}

/** Moves the root one directory down. */
export function moveRoot(item: NoIndex, below: string, all: NginxRefusals): Remedy | null {
  const { root } = item.refusal;
  const word = root?.words[1];
  // Below a location with a path of its own, another root would be looked up with that path again.
  if (root === null || word === undefined || word.value.replace(/\/+$/, '') !== item.refusal.directory.replace(/\/+$/, '')) return null;
  const moved = `${word.value.replace(/\/+$/, '')}/${below}${word.value.endsWith('/') ? '/' : ''}`;
  return {
    who: 'operator',
    say: `Point ${root.name} at ${moved}: that is where the pages are, and what lies beside it is no longer served.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [replaceWord(all.configuration, word, writeWord(moved))] }],
  };
}

/** Shows the listing in this location only. */
export function listDirectory(item: NoIndex, all: NginxRefusals): Remedy | null {
  const block = blockAt(item.walk, item.check);
  if (block === null) return null;
  return {
    who: 'operator',
    say: `If visitors are meant to see the list of files, switch it on in ${nameOf(block)}; every name in there then becomes public.`,
    apply: 'review',
    steps: [{ kind: 'edit', edits: [insertAtStart(all.configuration, block, 'autoindex on;')] }],
  };
}
