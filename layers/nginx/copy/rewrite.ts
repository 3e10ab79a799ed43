import { toBytes } from '../model/values/bytes.ts';
import { type Directive, fullName, writeWord } from '../model/syntax/index.ts';
import type { CopyPlan } from './copy-plan.ts';
import { authTarget, type Draft, frame } from './frame.ts';
import { type PathKind, PathKinds } from './path-kind.ts';
import { declaredIn, inForce, passesOf } from './scope.ts';
import { listeningsOf } from './sockets.ts';
import { isModuleLeftOut, treatmentOf } from './treatment.ts';

export interface Rewritten {
  /** One file; a UTF-16 unit is a byte, so it is written as latin1. */
  readonly text: string;
  /** Why this copy can't stand for the server, as sentences; empty when it can. */
  readonly blockers: readonly string[];
  /** Whether an upstream or an authorizing sub-request is replaced by a stub. */
  readonly hasStubs: boolean;
}

/** The private configuration: same decisions, other addresses, paths and neighbors. Pure. */
export function rewrite(plan: CopyPlan): Rewritten {
  const writer = new Writer(plan);
  const main: string[] = [];
  for (const directive of [...plan.globals, ...plan.configuration.directives]) {
    if (directive.name === 'user' && plan.user === null) main.push(writer.plainly(directive));
    // ngx_load_module completes a relative file with the prefix, not with the folder of the main file.
    if (directive.name === 'load_module' && !isModuleLeftOut(directive.args[0] ?? '')) {
      main.push(`load_module ${writeWord(fullName(plan.configuration, directive.args[0] ?? '', 'prefix'))};\n`);
    }
    if (directive.name === 'pcre_jit') main.push(writer.plainly(directive));
    if (directive.name === 'http') writer.block(directive.block ?? [], directive);
  }
  if (plan.user) main.push(`user ${plan.user.map(writeWord).join(' ')};\n`);
  return {
    text: frame(plan, main.join(''), writer.draft),
    blockers: [...new Set(writer.blockers)],
    hasStubs: writer.draft.stubs.size > 0,
  };
}

const IF_FILE = /^\(?!?-[fdex]$/;
const SERVED_PATH = /^\(?\$\{?(?:document_root|realpath_root|request_filename)\}?$/;

class Writer {
  readonly draft: Draft = {
    http: [],
    stubs: new Set<number>(),
    authTargets: new Set<number>(),
    usesServerAddress: false,
    declared: new Set<string>(),
  };
  readonly blockers: string[] = [];
  readonly #plan: CopyPlan;
  readonly #kinds: PathKinds;

  constructor(plan: CopyPlan) {
    this.#plan = plan;
    this.#kinds = new PathKinds(plan.configuration);
  }

  block(directives: readonly Directive[], parent: Directive): void {
    if (parent.name === 'location') this.#intercepts(parent);
    for (const directive of directives) this.#directive(directive);
  }

  plainly(directive: Directive): string {
    return `${this.#words(directive, new Map())};\n`;
  }

  #directive(directive: Directive): void {
    if (directive.name === 'server' && directive.parent?.name === 'http') return this.#server(directive);
    switch (treatmentOf(directive.name)) {
      case 'drop':
        return;
      case 'code':
        return this.#block(directive, `\`${directive.name}\` runs code of the site, which a private copy must not do`);
      case 'unseen':
        if (directive.name === 'modsecurity' && directive.args[0] === 'on')
          this.#block(directive, 'the web application firewall is not part of a private copy');
        return;
      case 'pass':
        // Each module's pass sets the location's one handler, so the last of them is in force.
        if (directive.parent?.block?.findLast((one) => treatmentOf(one.name) === 'pass') !== directive) return;
        this.draft.http.push(`proxy_pass http://unix:${this.#stub(this.#plan.upstream(directive))};\n`);
        return;
      case 'values':
        return this.#values(directive);
      case 'keep':
        return this.#keep(directive);
    }
  }

  #server(directive: Directive): void {
    const { endpoints, listening: facts } = this.#plan;
    const lines: string[] = [];
    for (const listening of listeningsOf(directive, facts)) {
      const flags = listening.flags
        .filter((flag) => flag !== 'proxy_protocol')
        .map((flag) => ` ${flag}`)
        .join('');
      for (const socket of listening.sockets) {
        const endpoint = endpoints.get(socket.key);
        if (endpoint?.plain !== undefined) lines.push(`listen ${endpoint.plain}${flags};\n`);
        if (endpoint?.proxied !== undefined) lines.push(`listen ${endpoint.proxied}${flags} proxy_protocol;\n`);
      }
    }
    if (lines.length === 0) {
      declaredIn(directive, this.draft.declared);
      return;
    }
    this.draft.http.push('server {\n', ...lines, '#auth\n');
    this.block(directive.block ?? [], directive);
    this.draft.http.push('}\n');
  }

  #keep(directive: Directive): void {
    const changed = this.#changes(directive);
    if (changed === null) return;
    this.draft.http.push(this.#words(directive, changed));
    if (directive.block === null) {
      this.draft.http.push(';\n');
      return;
    }
    this.draft.http.push(' {\n');
    this.block(directive.block, directive);
    this.draft.http.push('}\n');
  }

  #values(directive: Directive): void {
    this.draft.http.push(this.#words(directive, new Map()), ' {\n');
    for (const entry of directive.block ?? []) this.draft.http.push(this.plainly(entry));
    this.draft.http.push('}\n');
  }

  /** New values by the word's index; null leaves the directive out. */
  #changes(directive: Directive): ReadonlyMap<number, string> | null {
    const [first = ''] = directive.args;
    const one = (value: string): ReadonlyMap<number, string> => new Map([[1, value]]);
    switch (directive.name) {
      case 'root':
      case 'alias':
        return one(this.#inTree(first, 'prefix', directive));
      case 'auth_basic_user_file':
        return one(this.#inTree(first, 'conf-prefix', directive));
      case 'if':
        return this.#condition(directive);
      case 'disable_symlinks':
        return new Map(
          directive.args.flatMap((arg, at) =>
            arg.startsWith('from=/') ? [[at + 1, `from=${this.#plan.tree}${arg.slice(5)}`] as const] : [],
          ),
        );
      case 'ssl_certificate':
      case 'ssl_certificate_key':
        return one(this.#plan.certificate);
      case 'ssl_client_certificate':
      case 'ssl_trusted_certificate': {
        const file = fullName(this.#plan.configuration, first, 'conf-prefix');
        return one(this.#plan.isReadable(file) ? file : this.#plan.certificate);
      }
      case 'geoip_country':
      case 'geoip_city':
      case 'geoip_org':
        return one(fullName(this.#plan.configuration, first, 'conf-prefix'));
      case 'set_real_ip_from':
      case 'real_ip_header':
      case 'real_ip_recursive':
        return this.#plan.clientAddress === 'own' ? new Map() : null;
      case 'auth_request': {
        const status = first === 'off' ? null : this.#plan.authRequest(directive);
        if (status === null) return new Map();
        this.#stub(status);
        this.draft.authTargets.add(status);
        return one(authTarget(status));
      }
      default:
        return new Map();
    }
  }

  /** A path of the real server as a path of the copy. */
  #inTree(value: string, relativeTo: 'prefix' | 'conf-prefix', directive: Directive): string {
    const { tree, configuration } = this.#plan;
    const kind: PathKind = this.#kinds.kindOf(value);
    switch (kind) {
      case 'in-tree':
        return value;
      case 'absolute':
        return tree + value;
      case 'relative':
        return tree + fullName(configuration, value, relativeTo);
      case 'unknown':
        this.#block(directive, `what \`${directive.name} ${value}\` leads to can't be told from the configuration`);
        return tree + value;
    }
  }

  /** File tests, and comparisons with the path that is served, go into the copied tree. */
  #condition(directive: Directive): ReadonlyMap<number, string> {
    const changed = new Map<number, string>();
    const { tree } = this.#plan;
    directive.args.forEach((arg, at) => {
      const next = directive.args[at + 1];
      if (next !== undefined && IF_FILE.test(arg)) {
        const kind = this.#kinds.kindOf(next);
        if (kind === 'absolute') changed.set(at + 2, tree + next);
        // A relative path would be looked up in the worker's current directory, wherever that is.
        else if (kind !== 'in-tree')
          this.#block(
            directive,
            `what \`if (… ${arg.replace('(', '')} ${next.replace(/\)$/, '')})\` looks at can't be told from the configuration`,
          );
      }
      const compared = directive.args[at + 2];
      if (next === undefined || compared === undefined || !SERVED_PATH.test(arg)) return;
      if (/^!?=$/.test(next) && compared.startsWith('/')) changed.set(at + 3, tree + compared);
      if (/^!?~\*?$/.test(next) && compared.startsWith('^/'))
        changed.set(at + 3, `^${tree.replace(/[.\\+*?[^\]${}()|]/g, '\\$&')}${compared.slice(1)}`);
    });
    return changed;
  }

  /** Each upstream module has its own switch for error_page; the stub is always reached by proxy_pass. */
  #intercepts(location: Directive): void {
    const passes = passesOf(location);
    const settings = new Set(passes.map((pass) => inForce(pass, `${pass.name.slice(0, -'_pass'.length)}_intercept_errors`)));
    if (settings.size > 1) this.#block(location, 'it mixes ways to pass a request on that treat errors differently');
    const isMemcached = passes.at(-1)?.name === 'memcached_pass';
    // Alone among these modules, ngx_http_memcached_merge_loc_conf leaves such a block without a handler.
    const bare = (location.block ?? []).find((one) => (one.name === 'if' || one.name === 'limit_except') && passesOf(one).length === 0);
    if (isMemcached && bare !== undefined) this.#block(bare, 'a stub for memcached would answer here too');
    if (settings.has('on')) this.draft.http.push('proxy_intercept_errors on;\n');
  }

  #stub(status: number): string {
    this.draft.stubs.add(status);
    return `${this.#plan.sockets}/stub-${status}`;
  }

  #block(directive: Directive, why: string): void {
    this.blockers.push(`${directive.place.file}:${directive.place.line}: ${why}`);
  }

  #words(directive: Directive, changed: ReadonlyMap<number, string>): string {
    const encoding = this.#plan.configuration.files.get(directive.place.file)?.encoding ?? 'utf8';
    const words = directive.words.map((word, at) => {
      const value = changed.get(at);
      return toBytes(value === undefined ? word.raw : writeWord(value), encoding);
    });
    return words
      .join(' ')
      .replace(/\$(\{)?(server_addr|server_port)\b(\})?/g, (_all, open: string | undefined, name: string, close: string | undefined) => {
        this.draft.usesServerAddress = true;
        return `$${open ?? ''}why403_${name}${close ?? ''}`;
      });
  }
}
