import type { ConfigurationError } from './ast.ts';
import type { Reader } from './directive-reader.ts';

/** Directives whose block is Lua source, which nginx's own grammar never sees. */
export function holdsLua(name: string): boolean {
  return name.endsWith('_by_lua_block');
}

/** Whatever can hide a brace in Lua, longest first: comments, strings (of one line, as the module's lexer has it), long brackets, and braces themselves. */
const LUA = /--\[(=*)\[|--[^\n]*|\[(=*)\[|"(?:\\[^\n]|[^\\"\n])*"|'(?:\\[^\n]|[^\\'\n])*'|[{}]/g;

/**
 * Moves behind the `}` that closes a Lua block, as lua-nginx-module's `ngx_http_lua_conf_lua_block_parse`
 * does: braces are counted outside of Lua's strings and comments.
 */
export function skipLuaBlock(reader: Reader): ConfigurationError | null {
  const { text } = reader;
  let depth = 1;
  let opened = { at: reader.at - 1, line: reader.line, lineStart: reader.lineStart };
  LUA.lastIndex = reader.at;
  for (let match = LUA.exec(text); match !== null; match = LUA.exec(text)) {
    const [token] = match;
    const level = match[1] ?? match[2];
    if (level !== undefined) {
      const bracket = `]${level}]`;
      const end = text.indexOf(bracket, LUA.lastIndex);
      if (end < 0) {
        moveTo(reader, match.index);
        return missing(`Lua code block missing the closing long bracket "${bracket}", the inlined Lua code may be too long`, reader);
      }
      LUA.lastIndex = end + bracket.length;
    } else if (token === '{') {
      depth++;
      moveTo(reader, match.index);
      opened = { at: match.index, line: reader.line, lineStart: reader.lineStart };
    } else if (token === '}') {
      depth--;
      if (depth === 0) {
        moveTo(reader, match.index + 1);
        return null;
      }
    }
  }
  return missing('unexpected end of file, expecting terminating characters for lua code block', { ...opened, file: reader.file });
}

function missing(message: string, { file, at, line, lineStart }: Pick<Reader, 'file' | 'at' | 'line' | 'lineStart'>): ConfigurationError {
  return { message, place: { file, line, column: at - lineStart + 1, start: at, end: at + 1 } };
}

function moveTo(reader: Reader, offset: number): void {
  let newline = reader.text.indexOf('\n', reader.at);
  while (newline >= 0 && newline < offset) {
    reader.line++;
    reader.lineStart = newline + 1;
    newline = reader.text.indexOf('\n', newline + 1);
  }
  reader.at = offset;
}
