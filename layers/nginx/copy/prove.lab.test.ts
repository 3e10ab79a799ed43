import { describe, expect, test } from 'vitest';
import { hasNginx } from '../lab/server.ts';
import { isRoot } from '../lab/tree.ts';
import { cell, siteOf } from './site.lab-fixture.ts';

const file = (text = 'x', mode = 0o644) => ({ type: 'file', text, mode }) as const;

describe.skipIf(!hasNginx)('a fix on a private copy', () => {
  test('lifts a deny rule and shows what else it opens', async () => {
    const site = siteOf({
      tree: { 'private/index.html': file(), 'private/other.html': file(), 'closed/index.html': file() },
      http: ({ root }) => `server { listen 80; root ${root};
        location /private/ { deny all; }
        location /closed/ { deny all; } }`,
    });
    const question = site.question('/private/');
    const proof = await site.prove(question, [site.edit('/private/ { deny all; }', '/private/ { }')], {
      cells: [cell('sibling', site.question('/private/other.html')), cell('closed', site.question('/closed/')), cell('stranger', site.question('/private/', { from: '198.51.100.7' }))],
    });
    expect(proof).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200, how: expect.stringContaining('on a private copy') });
    expect(proof.collateral.checked).toBe(3);
    expect(proof.collateral.changed.map(({ label, before, after }) => [label, before, after])).toEqual([['sibling', 403, 200], ['stranger', 403, 200]]);
    site.remove();
  });

  test.skipIf(!isRoot)('gives a directory its missing search bit', async () => {
    const site = siteOf({
      tree: { private: { type: 'directory', mode: 0o750 }, 'private/index.html': file() },
      http: ({ root }) => `server { listen 80; root ${root}; }`,
    });
    const proof = await site.prove(site.question('/private/'), [{ kind: 'command', argv: ['chmod', 'o+x', `${site.root}/private`] }]);
    expect(proof).toMatchObject({ status: 'proven', by: 'server', before: 403, after: 200 });
    const wrong = await site.prove(site.question('/private/'), [{ kind: 'command', argv: ['chmod', 'o+r', `${site.root}/private`] }]);
    expect(wrong).toMatchObject({ status: 'refuted', by: 'server', before: 403, after: 403 });
    site.remove();
  });
});
