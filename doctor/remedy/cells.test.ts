import type { Question } from '@why403/terms/request';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collateralCells } from './cells.ts';

const question: Question = {
  method: 'GET',
  scheme: 'http',
  hostname: 'example.test',
  port: 80,
  target: '/private/page.html?a=1',
  headers: [
    ['Host', 'example.test'],
    ['Authorization', 'Basic eDp5'],
    ['User-Agent', 'a'],
  ],
  bodyLength: 0,
  httpVersion: '1.1',
  from: '203.0.113.9',
};

describe('collateralCells', () => {
  const cells = collateralCells(question);
  const targets = cells.map((cell) => cell.question.target);

  it('covers the neighborhood that a careless fix opens', () => {
    expect(targets).toContain('/private/');
    expect(targets).toContain('/private/why403-sibling');
    expect(targets).toContain('/private/page.html/why403-child');
    expect(targets).toContain('/.git/config');
    expect(cells.map((cell) => cell.question.method)).toEqual(expect.arrayContaining(['HEAD', 'POST', 'DELETE']));
    expect(cells.map((cell) => cell.question.from)).toEqual(expect.arrayContaining(['198.51.100.77', '2001:db8:403::77']));
  });

  it('has one without credentials and one for another host', () => {
    const without = cells.find((cell) => cell.label === 'without credentials');
    expect(without?.question.headers.map(([name]) => name)).toEqual(['Host', 'User-Agent']);
    expect(cells.find((cell) => cell.label === 'another host')?.question.headers).toContainEqual(['Host', 'why403-stranger.invalid']);
  });

  it('never repeats the question or another cell, for any path', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.constantFrom('GET', 'POST', 'OPTIONS'), (path, method) => {
        const asked: Question = { ...question, method, target: path === '' ? '/' : path };
        const keys = [asked, ...collateralCells(asked).map((cell) => cell.question)].map((one) =>
          JSON.stringify([one.method, one.target, one.headers, one.from]),
        );
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
