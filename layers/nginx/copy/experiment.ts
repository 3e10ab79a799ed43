import { lookup } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '@why403/decision';
import type { ModelRequest } from '../model/trace.ts';
import { type Directive, parse } from '../model/syntax/index.ts';
import { Arm, type ArmSpec, type Asked, type Begun } from './arm.ts';
import type { Reply } from './ask.ts';
import { candidatePaths, passwordFilesOf, uses } from './candidates.ts';
import { selfSigned } from './certificate.ts';
import { argvOf, type Command } from './command.ts';
import { execute } from './execute.ts';
import { freePort } from './free-port.ts';
import type { Patched } from './patch.ts';
import { routerOf } from './route.ts';
import { TreeCopy } from './tree.ts';
import type { Trial } from './trial.ts';
import { removeTree } from './workspace.ts';

/** What both sides answered: the question first, then the cells in their order. */
export interface Outcome {
  readonly before: readonly (Reply | null)[];
  readonly after: readonly (Reply | null)[];
  /** What the reader has to know about how it was tried. */
  readonly notes: readonly string[];
}

/** `why`: a copy can't stand for the server. `refused`: it can, and the fix doesn't work on it. */
export type Ended = Outcome | { readonly why: string } | { readonly refused: string };

export interface Design {
  readonly patched: Patched;
  readonly commands: readonly Extract<Command, { kind: 'files' }>[];
  readonly user: ArmSpec['user'];
  /** A folder that is there, empty, and removed by the caller. */
  readonly directory: string;
}

/** Each round goes one redirect or link further than the last. */
const MOST_ROUNDS = 8;

/** The server as it is and with the fix, side by side, on trees of their own. */
export class Experiment {
  readonly #trial: Trial;
  readonly #design: Design;
  readonly #arms: Arm[] = [];

  constructor(trial: Trial, design: Design) {
    this.#trial = trial;
    this.#design = design;
  }

  async run(): Promise<Ended> {
    const { server } = this.#trial;
    const unpatched: Patched = { configuration: server.configuration, origin: (directive) => directive };
    const requests = this.#questions().map((question) => this.#trial.request(question));
    const isCertified = requests[0]?.tls != null && requests[0].tls.clientVerify !== 'NONE';
    if (isCertified) return { why: "the client's certificate can't be shown to a copy" };
    const [before, after] = await this.#specs(unpatched, requests);
    const tree = this.#tree([before, after], requests);
    const unfit = this.#unfitness(tree);
    if (unfit !== null) return { why: unfit };
    const planted = await this.#plant(tree, [before, after]);
    if (planted !== null) return planted;
    const begun = await this.#begin(before, after);
    if (!('arms' in begun)) return begun;
    const { arms } = begun;
    for (let round = 1; ; round += 1) {
      const [was, is] = await Promise.all([arms[0].askAll(), arms[1].askAll()]);
      const isMore = arms.map((arm) => tree.add(arm.lookedFor())).includes(true);
      if (!isMore || round > MOST_ROUNDS) {
        if (tree.blind.length > 0) return { why: `the copy would lack something: ${tree.blind[0] ?? ''}` };
        return { before: was, after: is, notes: this.#notes(tree, [before, after], arms) };
      }
      const again = await this.#plant(tree, [before, after]);
      if (again !== null) return again;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#arms.map((arm) => arm.stop()));
  }

  #questions() {
    return [this.#trial.question, ...this.#trial.cells.map((cell) => cell.question)];
  }

  async #specs(unpatched: Patched, requests: readonly ModelRequest[]): Promise<readonly [ArmSpec, ArmSpec]> {
    const { server, signal, steps } = this.#trial;
    const { directory, patched, user } = this.#design;
    const certificate = join(directory, 'certificate.pem');
    writeFileSync(certificate, selfSigned(Date.now()), { mode: 0o600 });
    const localhost = await lookup('localhost', { all: true }).catch(() => []);
    const listening = { isMasterRoot: server.isMasterRoot, localhost: localhost.map(({ address }) => address) };
    const about = {
      listening,
      hasV6: (await freePort('::1')) !== null,
      canTell: server.build?.includes('--with-http_realip_module') !== false,
    };
    const globals = globalsOf(server.globals);
    const specOf = (name: string, one: Patched, done: readonly Step[]): ArmSpec => ({
      trial: this.#trial,
      patched: one,
      router: routerOf(one.configuration, about),
      listening,
      asked: this.#questions().map(
        (question, at): Asked => ({
          request: requests[at] ?? this.#trial.request(question),
          bodyLength: question.bodyLength,
          client: this.#trial.client(question, done),
        }),
      ),
      directory: join(directory, name),
      tree: join(directory, `${name}-tree`),
      certificate,
      globals,
      user,
      signal,
    });
    return [specOf('a', unpatched, []), specOf('b', patched, steps)];
  }

  /** What the requests touch, as far as that can be told before they are asked. */
  #tree(specs: readonly ArmSpec[], requests: readonly ModelRequest[]): TreeCopy {
    const { server, paths, steps } = this.#trial;
    const secrets = specs.flatMap(({ patched }) => passwordFilesOf(patched.configuration));
    const tree = new TreeCopy(server.root, server.worker, secrets);
    tree.add(secrets);
    tree.add(this.#design.commands.flatMap((command) => command.paths));
    for (const [at, { patched }] of specs.entries()) {
      const known = paths === undefined ? [null] : this.#questions().map((question) => paths(question, at === 0 ? [] : steps));
      tree.add(known.every((one) => one !== null) ? known.flat() : candidatePaths(patched.configuration, requests));
    }
    return tree;
  }

  /** Why a copy by an ordinary user would not be true, or null. */
  #unfitness(tree: TreeCopy): string | null {
    if (tree.isExact) return null;
    const { server } = this.#trial;
    const uid = process.getuid?.();
    const isOurs = this.#design.commands.every(({ program, paths }) =>
      !program.startsWith('ch') || program === 'chmod' ? paths.every((path) => (tree.entryOf(path)?.uid ?? uid) === uid) : false,
    );
    if (this.#design.commands.length > 0 && (server.worker.uid !== uid || !isOurs)) {
      return `without root a copy can't give files to others or run as ${server.worker.user}, and the fix is about permissions`;
    }
    if (uses(server.configuration, 'disable_symlinks', 'if_not_owner')) return "without root a copy can't give links their owners";
    return null;
  }

  /** Both trees anew, and the fix's commands on the second. */
  async #plant(tree: TreeCopy, specs: readonly [ArmSpec, ArmSpec]): Promise<Exclude<Ended, Outcome> | null> {
    for (const { tree: place } of specs) {
      removeTree(place);
      await tree.plant(place);
    }
    for (const command of this.#design.commands) {
      const argv = argvOf(command, (path) => specs[1].tree + path);
      const { code, stderr } = await execute(argv, { signal: this.#trial.signal });
      if (code === null) return { why: `${command.program} can't be run here` };
      if (code !== 0) return { refused: `${command.program} fails: ${stderr.trim().replaceAll(specs[1].tree, '').slice(0, 300)}` };
    }
    return null;
  }

  async #begin(before: ArmSpec, after: ArmSpec): Promise<{ readonly arms: readonly [Arm, Arm] } | Exclude<Ended, Outcome>> {
    const begun = await Promise.allSettled([Arm.begin(before), Arm.begin(after)]);
    for (const one of begun) if (one.status === 'fulfilled' && 'ok' in one.value) this.#arms.push(one.value.ok);
    const [first, second] = begun.map((one): Begun => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    for (const one of [first, second])
      if (one !== undefined && 'blockers' in one) return { why: one.blockers[0] ?? 'no copy could be started' };
    if (first === undefined || 'refused' in first) return { why: `a copy of the configuration does not start: ${first?.refused ?? ''}` };
    if (second === undefined || 'refused' in second)
      return { refused: `nginx does not take the changed configuration: ${second?.refused ?? ''}` };
    if (!('ok' in first) || !('ok' in second)) return { why: 'no copy could be started' };
    return { arms: [first.ok, second.ok] };
  }

  #notes(tree: TreeCopy, specs: readonly ArmSpec[], arms: readonly Arm[]): readonly string[] {
    const { configuration, worker } = this.#trial.server;
    const notes = new Set<string>();
    for (const arm of arms) {
      if (arm.rewritten.some((one) => one.hasStubs)) notes.add('what is behind the server is played by stubs');
      for (const why of arm.unasked) notes.add(`some neighbors could not be asked: ${why}`);
    }
    const isResolved = specs.some(
      ({ router, asked }) => router.hasRealip && asked.some(({ request, client }) => router.route(request, client).way === 'told'),
    );
    if (isResolved) notes.add("clients' addresses after realip are the model's");
    if (!tree.isExact) notes.add(`permissions are worked out for ${worker.user}, because only root can give files to others`);
    if (configuration.unread.length > 0) notes.add(`without ${configuration.unread.length} included files that could not be read`);
    for (const name of ['limit_req', 'limit_conn']) if (uses(configuration, name)) notes.add(`without ${name}`);
    return [...notes];
  }
}

/** The directives of `-g`; nonsense there would have kept the real master from starting. */
function globalsOf(text: string): readonly Directive[] {
  const parsed = parse(/[;}]\s*$/.test(text) || text.trim() === '' ? text : `${text};`, '-g');
  return 'ok' in parsed ? parsed.ok.directives : [];
}
