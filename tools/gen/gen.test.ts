import { defineCause } from '@why403/decision';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CatalogedCause, findCauses } from './catalog.ts';
import { renderCauses, renderDocs, renderHouses, renderReference } from './render.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'why403-gen-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
}

describe('findCauses', () => {
  it('knows ids from folders, sorted, with a folder for a prefix that is not the house', () => {
    plant('layers/nginx/causes/deny-rule/cause.ts');
    plant('layers/filesystem/causes/kernel/apparmor/cause.ts');
    plant('layers/filesystem/causes/file-unreadable/cause.ts');
    const found = findCauses(root).map(({ house, id, subpath }) => [house, id, subpath]);
    expect(found).toEqual([
      ['filesystem', 'filesystem/file-unreadable', 'file-unreadable'],
      ['filesystem', 'kernel/apparmor', 'kernel/apparmor'],
      ['nginx', 'nginx/deny-rule', 'deny-rule'],
    ]);
  });

  it('passes over folders that causes share, and houses without causes', () => {
    plant('layers/nginx/causes/denial/shape.ts');
    plant('layers/nginx/causes/bag-of.ts');
    plant('layers/dns/index.ts');
    expect(findCauses(root)).toEqual([]);
  });
});

const entry: CatalogedCause = {
  house: 'filesystem',
  id: 'kernel/apparmor',
  subpath: 'kernel/apparmor',
  folder: '/x',
  doc: "# AppArmor's profile | says no\n",
  cause: defineCause({
    id: 'kernel/apparmor',
    layer: 'kernel',
    title: "AppArmor's profile | says no",
    refines: ['filesystem/file-unreadable'],
    needs: [],
    detect: () => ({ verdict: 'excluded' }),
  }),
};

describe('what is generated', () => {
  it('loads each cause by its package subpath, only when asked', () => {
    expect(renderCauses([entry])).toMatch(/load: \(\) => import\('@why403\/filesystem\/causes\/kernel\/apparmor'\)/);
    expect(renderCauses([entry])).toContain(String.raw`title: 'AppArmor\'s profile | says no'`);
  });

  it('knows the flags of every house at once and loads the house later', () => {
    const text = renderHouses(['ingress-nginx']);
    expect(text).toContain("import { flags as ingressNginxFlags } from '@why403/ingress-nginx/flags';");
    expect(text).toContain("{ id: 'ingress-nginx', flags: ingressNginxFlags, load: () => import('@why403/ingress-nginx') }");
  });

  it('lists causes by layer with links to their pages, and keeps a bar from breaking the table', () => {
    const text = renderReference([entry]);
    expect(text).toContain('## kernel');
    expect(text).toContain(
      "| [kernel/apparmor](../../layers/filesystem/causes/kernel/apparmor/doc.md) | AppArmor's profile \\| says no | filesystem/file-unreadable |",
    );
    expect(renderDocs([entry])).toContain(JSON.stringify(entry.doc));
  });
});
