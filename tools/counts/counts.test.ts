import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../gen/catalog.ts';
import { addCounts, closingLine, readCounts } from './counts.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'why403-counts-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('counts', () => {
  it('add up over runs, and are nothing before the first', () => {
    const file = join(folder, 'counts');
    expect(readCounts(file)).toEqual({ passed: 0, failed: 0, skipped: 0 });
    addCounts(file, { passed: 2, failed: 0, skipped: 1 });
    addCounts(file, { passed: 3, failed: 1, skipped: 0 });
    expect(readCounts(file)).toEqual({ passed: 5, failed: 1, skipped: 1 });
  });

  it('close with the plain line that other programs read', () => {
    expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(closingLine({ passed: 12, failed: 3, skipped: 4 })).toBe('12 passed, 3 failed, 4 skipped');
  });
});

describe('the reporter', () => {
  it('counts tests, files that do not load and errors outside of tests', () => {
    const tests = {
      'good.test.ts': "import { it } from 'vitest'; it('a', () => {}); it.skip('b', () => {}); it('c', () => { throw new Error('c'); });",
      'broken.test.ts': "import './absent.ts';",
      'stray.test.ts': "import { it } from 'vitest'; it('d', () => { void Promise.reject(new Error('d')); });",
    };
    for (const [name, text] of Object.entries(tests)) writeFileSync(join(folder, name), text);
    const reporter = join(ROOT, 'tools', 'counts', 'reporter.ts');
    writeFileSync(join(folder, 'vitest.config.ts'), `export default { test: { reporters: ['default', ${JSON.stringify(reporter)}] } };`);
    const counts = join(folder, 'counts');
    const args = [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', folder];
    const env = { ...process.env, WHY403_COUNTS: counts, NODE_PATH: join(ROOT, 'node_modules') };
    const result = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env });
    expect(result.status).not.toBe(0);
    expect(JSON.parse(readFileSync(counts, 'utf8')), result.stdout + result.stderr).toEqual({ passed: 2, failed: 3, skipped: 1 });
  });
});
