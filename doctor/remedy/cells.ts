import type { Cell } from '@why403/terms/house';
import type { Headers, Question } from '@why403/terms/request';

/** Addresses that documentation reserves (RFC 5737, RFC 3849): never a real client's. */
const STRANGER_V4 = '198.51.100.77';
const STRANGER_V6 = '2001:db8:403::77';

/**
 * The collateral matrix: the question with one thing changed, so that a fix that opens more than was
 * asked shows itself. The first cells are the ones a careless fix opens most often.
 */
export function collateralCells(question: Question): readonly Cell[] {
  const path = pathOf(question.target);
  const query = question.target.slice(path.length);
  const at = (label: string, target: string): Cell => ({ label, question: { ...question, target } });
  const cells: Cell[] = [
    at('parent directory', parentOf(path)),
    at('sibling', siblingOf(path)),
    at('child', `${path.replace(/\/+$/, '')}/why403-child`),
    at('percent-encoded letter', encodeOne(path) + query),
    at('other letter case', swapCase(path) + query),
    at('trailing slash added or dropped', toggleSlash(path) + query),
    at('site root', '/'),
    at('repository metadata', '/.git/config'),
    at('environment file', '/.env'),
    at('password file', '/.htpasswd'),
    at('metadata beside it', `${directoryOf(path)}.git/config`),
    from(question, 'another IPv4 address', STRANGER_V4),
    from(question, 'another IPv6 address', STRANGER_V6),
    from(question, 'loopback IPv4', '127.0.0.1'),
    from(question, 'loopback IPv6', '::1'),
    from(at('', parentOf(path)).question, 'parent directory from another address', STRANGER_V4),
    from(at('', siblingOf(path)).question, 'sibling from another address', STRANGER_V4),
    from(at('', `${directoryOf(path)}why403-child`).question, 'child from another IPv6 address', STRANGER_V6),
    ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']
      .filter((method) => method !== question.method)
      .map((method): Cell => ({ label: `method ${method}`, question: { ...question, method } })),
    headers(question, 'another host', replace(question.headers, 'Host', 'why403-stranger.invalid')),
    headers(question, 'without credentials', without(question.headers, ['authorization', 'cookie', 'x-api-key'])),
    headers(question, 'foreign Referer', replace(question.headers, 'Referer', 'https://why403-stranger.invalid/')),
    headers(question, 'without User-Agent', without(question.headers, ['user-agent'])),
  ];
  return distinct(question, cells);
}

function from(question: Question, label: string, address: string): Cell {
  return { label, question: { ...question, from: address } };
}

function headers(question: Question, label: string, list: Headers): Cell {
  return { label, question: { ...question, headers: list } };
}

function pathOf(target: string): string {
  return target.replace(/[?#].*$/s, '');
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) || '/';
}

function parentOf(path: string): string {
  return directoryOf(path.replace(/\/+$/, ''));
}

function siblingOf(path: string): string {
  const slash = path.endsWith('/') && path !== '/' ? '/' : '';
  return `${parentOf(path)}why403-sibling${slash}`;
}

function encodeOne(path: string): string {
  const index = path.search(/[A-Za-z0-9](?=[^/]*\/?$)/);
  if (index < 0) return path;
  const code = path.charCodeAt(index).toString(16).toUpperCase();
  return `${path.slice(0, index)}%${code}${path.slice(index + 1)}`;
}

function swapCase(path: string): string {
  const upper = path.toUpperCase();
  return upper === path ? path.toLowerCase() : upper;
}

function toggleSlash(path: string): string {
  return path.endsWith('/') ? path.replace(/\/+$/, '') || '/' : `${path}/`;
}

function without(list: Headers, names: readonly string[]): Headers {
  return list.filter(([name]) => !names.includes(name.toLowerCase()));
}

function replace(list: Headers, name: string, value: string): Headers {
  return [...without(list, [name.toLowerCase()]), [name, value]];
}

/** Drops cells that turned out the same as the question or as an earlier cell. */
function distinct(question: Question, cells: readonly Cell[]): readonly Cell[] {
  const seen = new Set([keyOf(question)]);
  return cells.filter((cell) => {
    const key = keyOf(cell.question);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function keyOf(question: Question): string {
  return JSON.stringify([question.method, question.target, question.headers, question.from ?? null]);
}
