import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Planted, TreeSpec } from '../tree.ts';
import type { Random } from './random.ts';
import { DIRECTORIES, FILES, PASSWORD_LINES } from './vocabulary.ts';

/** Something of every kind that the kernel may refuse, be missing, or lead elsewhere. */
export function fileTree(random: Random): TreeSpec {
  const tree: Record<string, Planted> = {};
  for (const directory of ['', ...DIRECTORIES]) {
    // A parent that isn't there takes its children along.
    const parent = dirname(directory);
    if (directory !== '' && parent !== '.' && tree[parent] === undefined) continue;
    if (directory !== '') {
      if (!random.chance(0.85)) continue;
      tree[directory] = { type: 'directory', ...directoryRights(random) };
    }
    for (const file of FILES) {
      const path = directory === '' ? file : `${directory}/${file}`;
      const probability = file === 'x.html' ? 0.75 : file === 'index.html' ? 0.4 : 0.3;
      if (!random.chance(probability)) continue;
      // Each file says which it is, so that an answer shows which one was served.
      if (random.chance(0.1))
        tree[`${path}.gz`] = { type: 'file', text: gzipSync(`this is ${path}.gz\n`).toString('latin1'), ...fileRights(random) };
      tree[path] = random.chance(0.03)
        ? { type: random.chance(0.1) ? 'fifo' : 'directory' }
        : { type: 'file', text: `this is ${path}\n`, ...fileRights(random) };
    }
  }
  if (random.chance(0.8)) tree['errors/403.html'] = { type: 'file', text: 'this is errors/403.html\n', ...fileRights(random) };
  tree['closed/x.html'] = { type: 'file', text: 'this is closed/x.html\n' };
  tree['closed'] = { type: 'directory', mode: random.pick([0o700, 0o000, 0o744]) };
  return { ...tree, ...links(random) };
}

function directoryRights(random: Random): Pick<Planted, 'mode' | 'owner' | 'group'> {
  return random.weighed<Pick<Planted, 'mode' | 'owner' | 'group'>>([
    [16, {}],
    [2, { mode: 0o711 }],
    [1, { mode: 0o700 }],
    [1, { mode: 0o750, group: 'www-data' }],
    [1, { mode: 0o644 }],
    [1, { mode: 0o077, owner: 'www-data' }],
    [1, { mode: 0o311, owner: 'www-data' }],
    [1, { mode: 0o705, group: 'www-data' }],
    [1, { owner: 'nobody' }],
  ]);
}

function fileRights(random: Random): Pick<Planted, 'mode' | 'owner' | 'group'> {
  return random.weighed<Pick<Planted, 'mode' | 'owner' | 'group'>>([
    [14, {}],
    [1, { mode: 0o600 }],
    [1, { mode: 0o640, group: 'www-data' }],
    [1, { mode: 0o400, owner: 'www-data' }],
    [1, { mode: 0o044, owner: 'www-data' }],
    [1, { mode: 0o604, group: 'www-data' }],
    [1, { mode: 0o755, owner: 'nobody' }],
    [1, { mode: 0o000 }],
  ]);
}

function links(random: Random): TreeSpec {
  const all: TreeSpec = {
    'link.html': { type: 'symlink', target: 'x.html', owner: random.pick(['root', 'www-data']) },
    'a/link.html': { type: 'symlink', target: '../x.html', owner: random.pick(['root', 'nobody']) },
    'link-dir': { type: 'symlink', target: 'docs', owner: random.pick(['root', 'www-data']) },
    'outside.html': { type: 'symlink', target: '../outside/o.html' },
    'outside-dir': { type: 'symlink', target: '../outside' },
    'dangling.html': { type: 'symlink', target: 'nothing.html' },
    'loop.html': { type: 'symlink', target: 'loop.html' },
    'link-closed.html': { type: 'symlink', target: 'closed/x.html' },
    'chain.html': { type: 'symlink', target: 'link-dir/../link.html' },
  };
  // The link to a directory is the one that paths lead through.
  return Object.fromEntries(Object.entries(all).filter(([name]) => random.chance(name === 'link-dir' ? 0.75 : 0.4)));
}

/** What lies beside the tree: password files, and something for links to lead out to. */
export const SURROUNDINGS: TreeSpec = {
  passwords: {
    type: 'file',
    text: `# users\n${Object.entries(PASSWORD_LINES)
      .map(([user, line]) => `${user}:${line}\n`)
      .join('')}comment:{PLAIN}builder:with a comment\nempty:\nlast:{PLAIN}builder`,
  },
  unreadable: { type: 'file', text: `plain:${PASSWORD_LINES.plain}\n`, mode: 0o000 },
  pass1: { type: 'file', text: `other:${PASSWORD_LINES.plain}\n` },
  'outside/o.html': { type: 'file', text: 'this is ../outside/o.html\n' },
  'html/index.html': { type: 'file', text: 'this is ../html/index.html\n' },
};
