import { expect } from 'vitest';
import type { Ended } from './why403.ts';

/** Controls, format characters and lone surrogates; a line feed is the only one that output may hold. */
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What may steer a terminal, in all that was written. */
export function rawIn({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>): string | null {
  const [found] = RAW.exec(`${stdout}${stderr}`.replaceAll('\n', '')) ?? [];
  return found === undefined ? null : `U+${(found.codePointAt(0) ?? 0).toString(16)}`;
}

/** A fault: no report, one or two sentences, no trace of the program's insides. */
export function expectFault({ code, stdout, stderr }: Ended, exit: number, says: readonly (string | RegExp)[]): void {
  expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: '' });
  for (const part of says) expect(stderr).toMatch(part);
  expect(stderr).toMatch(/^why403: \S/);
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  expectClean({ stdout, stderr });
}

/** Nothing raw, and nothing of a stack trace. */
export function expectClean(output: Pick<Ended, 'stdout' | 'stderr'>): void {
  expect(rawIn(output)).toBeNull();
  expect(`${output.stdout}${output.stderr}`).not.toMatch(/\n\s+at .+:\d+|node:internal|\.ts:\d+|undefined|\[object |ERR_[A-Z]/);
}
