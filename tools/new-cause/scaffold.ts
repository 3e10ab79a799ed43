import { isCauseId, type Layer, LAYERS } from '@why403/decision';

/** The three parts of a new cause, as paths below the root with their text. */
export interface Scaffold {
  readonly id: string;
  readonly folder: string;
  readonly files: readonly (readonly [path: string, text: string])[];
}

/**
 * Lays out `HOUSE/NOUN`, or `HOUSE/PREFIX/NOUN` for an id whose prefix is not its house, such as
 * `filesystem/kernel/apparmor` for `kernel/apparmor`. Answers with a sentence when the name can't be one.
 */
export function scaffold(name: string, houses: readonly string[]): Scaffold | string {
  const [house = '', ...rest] = name.split('/');
  const id = rest.length === 1 ? `${house}/${rest.join()}` : rest.join('/');
  if (rest.length < 1 || rest.length > 2 || !isCauseId(id)) {
    return `"${name}" is no cause: write HOUSE/NOUN in lower case, as in nginx/deny-rule, or HOUSE/PREFIX/NOUN, as in filesystem/kernel/apparmor.`;
  }
  if (!houses.includes(house)) return `There is no house layers/${house}; there are: ${houses.join(', ')}.`;
  const subpath = rest.join('/');
  const folder = `layers/${house}/causes/${subpath}`;
  const [prefix = '', noun = ''] = id.split('/');
  const title = `${noun.charAt(0).toUpperCase()}${noun.slice(1).replaceAll('-', ' ')}`;
  return {
    id,
    folder,
    files: [
      [`${folder}/cause.ts`, causeText(id, layerOf(prefix), title)],
      [`${folder}/doc.md`, pageText(title)],
      [`${folder}/cases/found.yaml`, caseText('refuses a request', 'found')],
      [`${folder}/cases/excluded.yaml`, caseText('lets a request pass', 'excluded')],
      [`${folder}/cases/undetermined.yaml`, caseText('cannot be told without evidence', 'undetermined')],
      [`${folder}/cases/near-miss.yaml`, caseText('looks like it and is something else', 'excluded', true)],
    ],
  };
}

/** Most prefixes are a layer's name; products are servers until somebody says otherwise. */
function layerOf(prefix: string): Layer {
  return LAYERS.find((layer) => layer === prefix) ?? 'server';
}

function causeText(id: string, layer: Layer, title: string): string {
  return `import { defineCause } from '@why403/decision';

export const cause = defineCause({
  id: '${id}',
  layer: '${layer}',
  title: '${title}',
  refines: [],
  needs: [],
  detect: () => ({ verdict: 'undetermined', missing: ['a way to tell: this cause is not written yet'] }),
});
`;
}

function pageText(title: string): string {
  return `# ${title}

What is wrong, in a paragraph. Why it matters, in another. What to do, in a third.

## A request that is refused

\`\`\`yaml refuses
given: {}
expect:
  verdict: found
\`\`\`

## One that passes

\`\`\`yaml passes
given: {}
expect:
  verdict: excluded
\`\`\`
`;
}

function caseText(name: string, verdict: string, isNearMiss = false): string {
  return `name: ${name}\n${isNearMiss ? 'near-miss: true\n' : ''}given: {}\nexpect:\n  verdict: ${verdict}\n`;
}
