import { PLAIN, type Style } from '@why403/doctor';
import { createColors } from 'picocolors';

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const USUAL_WIDTH = 80;
const NARROWEST = 40;
const WIDEST = 110;

/** Text is wrapped to the terminal, within what reads well; without one to what COLUMNS says (POSIX), else to 80. */
export function widthOf(output: Output): number {
  const told = Number(process.env['COLUMNS']);
  return Math.min(WIDEST, Math.max(NARROWEST, output.columns ?? (Number.isInteger(told) && told > 0 ? told : USUAL_WIDTH)));
}

/** Colors only on a terminal, and not when NO_COLOR is set or they were declined. Nothing is said by color alone. */
export function styleFor(output: Output, wanted: boolean): Style {
  const isDeclined = !wanted || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  if (isDeclined || output.isTTY !== true) return PLAIN;
  const { bold, green, red, yellow, cyan, dim } = createColors(true);
  return { strong: bold, good: green, bad: red, warn: yellow, place: cyan, quiet: dim };
}
