export type * from './ast.ts';
export { type Assembled, assemble, type Inclusion, isInclude } from './assemble.ts';
export { descendants } from './descendants.ts';
export { appendToFile, insertAfter, insertAtEnd, insertAtStart, insertBefore, remove, replace, replaceWord } from './edit.ts';
export { unescapeWord, writeWord } from './escape.ts';
export { type Parsed, parse } from './parse.ts';
export { confPrefix, fullName } from './prefix.ts';
export { print } from './print.ts';
