import { bytesOf } from '../generate/requests.ts';
import type { Planted, TreeSpec } from '../tree.ts';
import type { Pair } from './pair.ts';
import type { Shrunk } from './shrink.ts';

/** A disagreement that anybody can replay: configuration, tree, request, both answers, the model's reasons. */
export function describeDisagreement({ site, pair, config }: Shrunk): string {
  const says = pair.agreement.state === 'disagreed' ? pair.agreement.says : '';
  return [
    `## ${says.split('\n', 1)[0] ?? ''}   (site ${site.seed})`,
    '```nginx',
    config.slice(config.indexOf('http {')).trimEnd(),
    '```',
    'tree:',
    ...describeTree(site.tree),
    `request from ${pair.request.from} to ${pair.request.to} port${pair.request.port}:`,
    JSON.stringify(bytesOf(pair.request)),
    `nginx: ${pair.real === null ? 'closes without a word' : `${pair.real.status} ${JSON.stringify(pair.real.headers.find(([name]) => name === 'Location')?.[1] ?? '')} ${JSON.stringify(pair.real.body.slice(0, 120))}`}`,
    'model:',
    ...describeWalk(pair),
    ...(says.includes('\n') ? [says] : []),
    '',
  ].join('\n');
}

function describeTree(tree: TreeSpec): readonly string[] {
  return Object.entries(tree).map(
    ([path, thing]) => `  ${describeRights(thing)} ${path}${thing.type === 'symlink' ? ` -> ${thing.target}` : ''}`,
  );
}

function describeRights(thing: Planted): string {
  const mode = (thing.mode ?? (thing.type === 'directory' ? 0o755 : 0o644)).toString(8).padStart(4, '0');
  return `${thing.type === 'directory' ? 'd' : thing.type === 'symlink' ? 'l' : '-'}${mode} ${thing.owner ?? 'root'}:${thing.group ?? thing.owner ?? 'root'}`;
}

function describeWalk({ walk }: Pair): readonly string[] {
  if (walk === null) return [];
  const lines = walk.checks.map((check, index) => {
    const where = check.directive === null ? '' : ` [${check.directive.name} line ${check.directive.place.line}]`;
    return `  ${index === walk.answer.by ? '>' : ' '} ${check.round} ${check.phase} ${check.verdict}: ${check.says}${where}${check.missing === null ? '' : ` (missing: ${check.missing})`}`;
  });
  return [
    ...lines,
    `  answer: ${JSON.stringify(walk.answer, (key, value: unknown) => (key === 'mask' && value !== null ? '(a directive)' : value))}`,
  ];
}
