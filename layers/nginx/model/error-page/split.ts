/** ngx_http_split_args: the URI before the first question mark, the arguments behind it. */
export function splitArgs(target: string): { readonly uri: string; readonly args: string } {
  const question = target.indexOf('?');
  return question < 0 ? { uri: target, args: '' } : { uri: target.slice(0, question), args: target.slice(question + 1) };
}
