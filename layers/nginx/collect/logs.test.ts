import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markLogs, readSince, readTail } from './logs.ts';

let folder = '';
let log = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'why403-logs-'));
  log = join(folder, 'error.log');
  writeFileSync(log, 'before\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a mark', () => {
  it('gives only what was added since', () => {
    using mark = markLogs(THIS_MACHINE, [log, log]);
    expect(mark.read().logs).toEqual([{ path: log, text: '', isCut: false, wasRotated: false }]);
    appendFileSync(log, 'after\n');
    expect(mark.read().logs).toEqual([{ path: log, text: 'after\n', isCut: false, wasRotated: false }]);
  });

  it('follows a log that is moved away while it is written to', () => {
    using mark = markLogs(THIS_MACHINE, [log]);
    appendFileSync(log, 'one\n');
    renameSync(log, `${log}.1`);
    appendFileSync(`${log}.1`, 'two\n');
    expect(mark.read().logs).toMatchObject([{ text: 'one\ntwo\n', wasRotated: true }]);
    writeFileSync(log, 'three\n');
    expect(mark.read().logs).toMatchObject([{ text: 'one\ntwo\nthree\n', wasRotated: true }]);
  });

  it('follows a log that is emptied in place', () => {
    using mark = markLogs(THIS_MACHINE, [log]);
    truncateSync(log);
    appendFileSync(log, 'new\n');
    expect(mark.read().logs).toMatchObject([{ text: 'new\n', wasRotated: true }]);
  });

  it('waits for a log that isn’t there yet', async () => {
    const late = join(folder, 'late.log');
    using mark = markLogs(THIS_MACHINE, [late]);
    expect(mark.read()).toMatchObject({ logs: [{ text: '' }], blind: [] });
    let reads = 0;
    const read = await readSince(
      mark,
      ({ logs }) => {
        reads += 1;
        if (reads === 2) writeFileSync(late, 'first\n');
        return logs[0]?.text !== '';
      },
      60_000,
    );
    expect(read.logs).toMatchObject([{ text: 'first\n' }]);
  });

  it('stops waiting when its patience is over', async () => {
    using mark = markLogs(THIS_MACHINE, [log]);
    expect((await readSince(mark, () => false, 1)).logs).toMatchObject([{ text: '' }]);
  });

  it('says what it can’t read, and opens nothing that would block', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    using mark = markLogs(THIS_MACHINE, [pipe, folder, '/dev/null']);
    const { logs, blind } = mark.read();
    expect(logs).toEqual([]);
    expect(blind).toMatchObject([
      { path: pipe, why: expect.stringContaining('pipe') },
      { path: folder, why: 'it is a directory' },
      { path: '/dev/null', why: expect.stringContaining('device') },
    ]);
  });
});

describe('the tail of a log', () => {
  it('is bounded and begins with a whole line', () => {
    writeFileSync(log, Array.from({ length: 1000 }, (_, line) => `line ${line}\n`).join(''));
    const [read] = readTail(THIS_MACHINE, [log], 100).logs;
    expect(read).toMatchObject({ isCut: true });
    expect(read?.text).toMatch(/^line \d+\n(?:line \d+\n)*line 999\n$/);
    expect(readTail(THIS_MACHINE, [log, join(folder, 'none')])).toMatchObject({
      logs: [{ isCut: false }],
      blind: [{ why: 'No such file or directory' }],
    });
  });

  it('of more than any memory holds is read at once', () => {
    truncateSync(log, 3 * 2 ** 30);
    appendFileSync(log, '\nlast\n');
    expect(readTail(THIS_MACHINE, [log], 1000).logs).toMatchObject([{ text: 'last\n', isCut: true }]);
  });

  it('keeps lines in UTF-8 readable beside binary junk', () => {
    writeFileSync(log, Buffer.concat([Buffer.from('café\n'), Buffer.from([0xff, 0x00, 0xe9, 10]), Buffer.from('naïve\n')]));
    expect(readTail(THIS_MACHINE, [log]).logs[0]?.text).toBe('café\n\u00ff\u0000\u00e9\nnaïve\n');
  });
});
