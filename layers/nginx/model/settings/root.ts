import { fullName } from '../syntax/prefix.ts';
import { lastOf, type Reading, textOf } from './reading.ts';
import type { Root, Settings } from './settings.ts';

/** `root` or `alias` of one block, else the one around it: `alias` of a location reaches its nested ones too. */
export function readRoot(reading: Reading, parent: Settings): Root {
  const directive = lastOf(reading.groups, 'root') ?? lastOf(reading.groups, 'alias');
  if (directive === null) return parent.root;
  const isAlias = directive.name === 'alias';
  let value = directive.args[0] ?? '';
  // ngx_http_core_root: one trailing slash of a root is dropped.
  if (!isAlias && value.endsWith('/')) value = value.slice(0, -1);
  if (!value.startsWith('$')) value = fullName(reading.configuration, value, 'prefix');
  const text = textOf(value, reading.encoding);
  const replaces = !isAlias ? 0 : reading.kind === 'regex' ? 'whole' : reading.name.length;
  return { directive, text, isComputed: text.variables.length > 0 || text.constant === null, replaces };
}

/** Without any root: `html` under the prefix. */
export function defaultRoot(reading: Pick<Reading, 'configuration'>): Root {
  return { directive: null, text: textOf(fullName(reading.configuration, 'html', 'prefix'), 'utf8'), isComputed: false, replaces: 0 };
}
