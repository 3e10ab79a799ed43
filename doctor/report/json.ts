import type { Report } from './schema.ts';

/** What JSON lets stand and a terminal would obey: C1 controls, format characters such as bidi marks, separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * One report as one line of JSON: several questions make several lines. Whoever shows it on a terminal is
 * as safe as with the text report: what could steer one stands there as `\uXXXX`, with the same meaning.
 */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report).replace(UNSAFE, escape)}\n`;
}

function escape(char: string): string {
  return Array.from({ length: char.length }, (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
}
