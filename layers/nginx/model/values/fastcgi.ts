import { toBytes } from './bytes.ts';
import { merged } from './expand.ts';
import { fromRequest } from './header-variables.ts';
import { compilePattern, match, type Pattern } from './pattern.ts';
import { inherited, own, scopeOf } from './scope.ts';
import { missing, type State, type Text } from './state.ts';

const splitPattern = inherited<{ readonly pattern: Pattern }>((block) => {
  const source = own(block, 'fastcgi_split_path_info')[0]?.args[0];
  return source === undefined ? null : { pattern: compilePattern(source) };
});

const indexFile = inherited<{ readonly name: string }>((block) => {
  const name = own(block, 'fastcgi_index')[0]?.args[0];
  return name === undefined ? null : { name: toBytes(name, 'utf8') };
});

/** ngx_http_fastcgi_split: the URI cut in script and rest; without a pattern or a match it is all script. */
function split(state: State): { readonly script: string; readonly rest: string } | { readonly missing: string } {
  const setting = splitPattern(scopeOf(state));
  if (setting === null) return { script: state.uri, rest: '' };
  const found = match(setting.pattern, state.uri);
  if (found.state === 'unknown') return { missing: found.missing };
  if (found.state === 'unmatched') return { script: state.uri, rest: '' };
  return { script: found.groups[1] ?? '', rest: found.groups[2] ?? '' };
}

/** `$fastcgi_script_name`: with `fastcgi_index` behind a closing slash. */
export function fastcgiScriptName(state: State): Text {
  const parts = split(state);
  if ('missing' in parts) return missing(parts.missing);
  const index = parts.script.endsWith('/') ? (indexFile(scopeOf(state))?.name ?? '') : '';
  return sourced(fromRequest('fastcgi_script_name', parts.script + index), state);
}

export function fastcgiPathInfo(state: State): Text {
  const parts = split(state);
  return 'missing' in parts ? missing(parts.missing) : sourced(fromRequest('fastcgi_path_info', parts.rest), state);
}

function sourced(text: Text, state: State): Text {
  const uri = fromRequest('uri', state.uri);
  return text.known && uri.known ? { ...text, provenance: merged(text.provenance, uri.provenance) } : text;
}
