import { access } from '@why403/filesystem';
import { header } from '@why403/terms/request';
import { type Journey, refusalOf } from '../journey.ts';
import { liftedTree } from '../content/reach.ts';
import type { Directive } from '../syntax/ast.ts';
import { fullName } from '../syntax/prefix.ts';
import { fromBytes } from '../values/bytes.ts';
import { expand } from '../values/expand.ts';
import { DECLINED, type Outcome } from './outcome.ts';

/** auth_basic: no credentials is 401 before the file is opened; a missing file is 403, an unreadable one 500. */
export function judgeCredentials(journey: Journey): Outcome {
  const { authBasic, authBasicFile } = journey.scope.settings;
  if (authBasic === null || authBasicFile === null) return DECLINED;
  const rule = authBasic.directive;
  const credentials = readCredentials(header(journey.request.headers, 'authorization'));
  const refused = refusalOf('auth-basic-credentials', 401, rule, { rule, given: credentials !== null });
  const realm = expand(authBasic.realm, journey.state);
  if (!realm.known)
    return { kind: 'unknown', directive: rule, says: 'auth_basic depends on a variable', missing: realm.missing, refusal: refused };
  if (realm.value === 'off') return DECLINED;
  if (credentials === null)
    return { kind: 'refused', directive: rule, says: 'no user and password came with the request', refusal: refused };

  const file = fileOf(journey, authBasicFile.directive);
  if (file.state === 'unknown')
    return {
      kind: 'unknown',
      directive: authBasicFile.directive,
      says: 'the password file is named by a variable',
      missing: file.missing,
      refusal: refused,
    };
  const opened = openFile(journey, authBasicFile.directive, file.path);
  if (opened !== null) return opened;
  const text = journey.world.tree.read(file.path);
  const unknown = (missing: string): Outcome => ({
    kind: 'unknown',
    directive: rule,
    says: `the password is held against ${file.path}`,
    missing,
    refusal: refused,
  });
  if (text === null) return unknown(`the text of ${file.path}`);
  const stored = findUser(text, credentials.user);
  if (stored === null) return { kind: 'refused', directive: rule, says: `the user is not in ${file.path}`, refusal: refused };
  const fits = journey.world.verifyPassword(stored, credentials.password);
  if (fits === null) return unknown(`whether the password fits the line in ${file.path}`);
  if (fits) return { kind: 'allowed', directive: rule, says: `user and password fit ${file.path}` };
  return { kind: 'refused', directive: rule, says: `the password does not fit ${file.path}`, refusal: refused };
}

/** ngx_http_auth_basic_user: null when there is no usable user and password. */
export function readCredentials(value: string | undefined): { readonly user: string; readonly password: string } | null {
  const [, encoded = ''] = /^basic +(.*)$/is.exec(value ?? '') ?? [];
  const [digits = ''] = /^[^=]*/.exec(encoded) ?? [];
  // ngx_decode_base64 stops at the first `=` and takes nothing but the alphabet.
  if (digits === '' || !/^[A-Za-z0-9+/]+$/.test(digits) || digits.length % 4 === 1) return null;
  const text = atob(digits.padEnd(Math.ceil(digits.length / 4) * 4, '='));
  const colon = text.indexOf(':');
  return colon <= 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function fileOf(
  journey: Journey,
  directive: Directive,
): { readonly state: 'named'; readonly path: string } | { readonly state: 'unknown'; readonly missing: string } {
  const file = journey.scope.settings.authBasicFile;
  if (file === null) return { state: 'unknown', missing: 'the password file' };
  const text = expand(file.path, journey.state);
  if (!text.known) return { state: 'unknown', missing: text.missing };
  const path = fromBytes(text.value);
  // Only a name that doesn't begin with a variable is completed, with the main file's folder.
  if (path.startsWith('/') || !(directive.args[0] ?? '').startsWith('$'))
    return { state: 'named', path: fullName(journey.plan.configuration, path, 'conf-prefix') };
  return { state: 'unknown', missing: `the working directory that ${path} starts from` };
}

/** Null when the worker can open the file. */
function openFile(journey: Journey, rule: Directive, path: string): Outcome | null {
  const found = access(liftedTree(journey), journey.world.worker, path, 'read');
  if (found.verdict === 'unknown')
    return { kind: 'unknown', directive: rule, says: `whether ${path} can be opened is not known`, missing: found.missing, refusal: null };
  if (found.verdict === 'granted') {
    if (found.entry.type !== 'directory') return null;
    const obstacle = { errno: 'ENOENT', path, entry: found.entry, needs: null, class: null } as const;
    return {
      kind: 'refused',
      directive: rule,
      says: `${path} is a directory`,
      refusal: refusalOf('auth-basic-file', 500, `EISDIR:${path}`, { rule, path, obstacle }),
    };
  }
  const { obstacle } = found;
  const status = obstacle.errno === 'ENOENT' ? 403 : 500;
  const spot =
    obstacle.errno === 'EACCES' && obstacle.needs !== null ? `${obstacle.needs}:${obstacle.path}` : `${obstacle.errno}:${obstacle.path}`;
  return {
    kind: 'refused',
    directive: rule,
    says: `${path} can't be opened: ${obstacle.errno} at ${obstacle.path}`,
    refusal: refusalOf('auth-basic-file', status, spot, { rule, path, obstacle }),
  };
}

/** The stored password of the first line that begins with the user and a colon; comments are passed over. */
function findUser(text: string, user: string): string | null {
  const start = `${user}:`;
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.startsWith('\r') || !line.startsWith(start)) continue;
    const rest = line.slice(start.length);
    const end = rest.search(/[\r:]/);
    return end < 0 ? rest : rest.slice(0, end);
  }
  return null;
}
