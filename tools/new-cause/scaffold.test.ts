import { describe, expect, it } from 'vitest';
import { parseCases } from '../cases/case.ts';
import { parsePage } from '../cases/page.ts';
import { type Scaffold, scaffold } from './scaffold.ts';

const HOUSES = ['filesystem', 'nginx'];

function laid(name: string): Scaffold {
  const result = scaffold(name, HOUSES);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

describe('scaffold', () => {
  it('lays out cause, page and one case of each kind, all readable', () => {
    const { id, folder, files } = laid('nginx/odd-rule');
    expect([id, folder]).toEqual(['nginx/odd-rule', 'layers/nginx/causes/odd-rule']);
    const text = new Map(files);
    expect(text.get(`${folder}/cause.ts`)).toMatch(/id: 'nginx\/odd-rule'.*layer: 'server'.*title: 'Odd rule'/s);
    const page = parsePage(text.get(`${folder}/doc.md`) ?? '', 'doc.md');
    expect(page).toMatchObject({ heading: 'Odd rule', refuses: [{}], passes: [{}] });
    const cases = files.filter(([path]) => path.endsWith('.yaml')).flatMap(([path, yaml]) => parseCases(yaml, path));
    expect(cases.map((one) => one.expect.verdict).sort()).toEqual(['excluded', 'excluded', 'found', 'undetermined']);
    expect(cases.filter((one) => one['near-miss'] === true)).toHaveLength(1);
  });

  it("puts a prefix that is not the house's own into a folder of its own", () => {
    expect(laid('filesystem/kernel/apparmor')).toMatchObject({ id: 'kernel/apparmor', folder: 'layers/filesystem/causes/kernel/apparmor' });
    expect(new Map(laid('filesystem/kernel/apparmor').files).get('layers/filesystem/causes/kernel/apparmor/cause.ts')).toContain(
      "layer: 'kernel'",
    );
  });

  it.each(['', 'nginx', 'nginx/', 'nginx/Deny', 'nginx/a/b/c', 'nginx/../x', 'nginx/a_b'])('takes "%s" for no cause', (name) => {
    expect(scaffold(name, HOUSES)).toContain('is no cause');
  });

  it('knows the houses', () => {
    expect(scaffold('ngnix/deny', HOUSES)).toBe('There is no house layers/ngnix; there are: filesystem, nginx.');
  });
});
