import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderJson } from './json.ts';
import { PLAIN } from './layout.ts';
import { readReport } from './read.ts';
import { renderTerminal } from './terminal.ts';

const at = (name: string): string => join(import.meta.dirname, 'golden', name);
const kept = readFileSync(at('report-v1.json'), 'utf8');

/** `UPDATE_GOLDEN=1` writes the text anew, to be looked at in the diff. */
function golden(name: string, text: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(at(name), text);
  expect(text).toBe(readFileSync(at(name), 'utf8'));
}

describe('a kept report of why403/report@1', () => {
  it('still reads, and loses nothing on the way', () => {
    expect(JSON.parse(renderJson(readReport(kept)))).toEqual(JSON.parse(kept));
  });

  it('is one line of JSON', () => {
    expect(renderJson(readReport(kept)).trimEnd().split('\n')).toHaveLength(1);
  });

  it('looks like this on a terminal of 80 columns', () => {
    golden('report-v1.80.txt', renderTerminal(readReport(kept), { width: 80, style: PLAIN, brief: false }));
  });

  it('looks like this on a narrow terminal', () => {
    golden('report-v1.40.txt', renderTerminal(readReport(kept), { width: 40, style: PLAIN, brief: false }));
  });

  it('says only the answer, the place and the fix when asked to be quiet', () => {
    golden('report-v1.quiet.txt', renderTerminal(readReport(kept), { width: 80, style: PLAIN, brief: true }));
  });

  it('names the member at fault when it is not a report', () => {
    const broken = JSON.stringify({ ...JSON.parse(kept), outcome: 'maybe' });
    expect(() => readReport(broken)).toThrow(/outcome/);
  });
});
