import type { Step } from '@why403/decision';
import type { Applied, Cell, Gathering, Prediction, Proof, Scene, Visit } from '@why403/terms/house';
import type { Exchange, Question } from '@why403/terms/request';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import { DEBIAN } from '../collect/build.ts';
import type { LogMark } from '../collect/logs.ts';
import { apply } from '../copy/apply.ts';
import { prove } from '../copy/prove.ts';
import { requestOf } from '../model/request.ts';
import { secretsIn } from '../model/secrets.ts';
import type { ModelRequest, Refusal } from '../model/trace.ts';
import { CertificateView } from './certificate.ts';
import { gatherEvidence, surveyWay } from './gather.ts';
import { neighborsOf } from './neighbors.ts';
import { type Named, observeNamed } from './named.ts';
import { markEveryLog, observe, type Scenery } from './observe.ts';
import { Predictor } from './prediction.ts';
import { reloadSteps } from './reload.ts';
import type { Subject } from './subject.ts';

/** One nginx looked at for one question. */
export class NginxVisit implements Visit {
  readonly house = 'nginx';
  readonly product: string;
  readonly version: string | null;
  readonly behind = null;
  readonly secrets: readonly string[];
  readonly #subject: Subject;
  readonly #scene: Scene;
  readonly #predictor: Predictor;
  readonly #certificate = new CertificateView();
  #exchange: Exchange | null = null;
  /** Who asked, by logs that were given; null when nobody says. */
  #toldClient: string | null = null;

  readonly #mark: LogMark;

  constructor(subject: Subject, scene: Scene) {
    this.#subject = subject;
    this.#scene = scene;
    this.#mark = markEveryLog(this.#scenery(), subject.process?.master.pid ?? null);
    this.secrets = secretsIn(subject.configuration);
    this.product = subject.process?.product ?? subject.build?.product ?? 'nginx';
    this.version = subject.process?.version ?? subject.build?.version ?? null;
    this.#predictor = new Predictor(subject, { user: subject.worker.user });
  }

  async gather(exchange: Exchange | null): Promise<Gathering> {
    this.#exchange = exchange;
    const { question, now } = this.#scene;
    const named = exchange === null ? this.#named() : null;
    this.#toldClient = named?.client ?? null;
    const first = this.#requestOf(question);
    const { blind: unseen } = await surveyWay({ subject: this.#subject, predictor: this.#predictor }, first);
    const { server } = this.#predictor.walk(first);
    this.#certificate.examine(this.#subject, question, first.tls, server.directive, exchange?.sentAt ?? now());
    using mark = this.#mark;
    const seen = exchange === null ? null : await observe(mark, exchange, this.#predictor.walk(this.#requestOf(question)), this.#scenery());
    const { observation, blind } = seen ?? named ?? { observation: null, blind: [] };
    if (exchange !== null && observation !== null) this.#certificate.hear(observation, exchange);
    const request = this.#requestOf(question);
    return gatherEvidence({
      subject: this.#subject,
      predictor: this.#predictor,
      request,
      exchange,
      observation,
      blind: [...unseen, ...blind, ...this.#assumedClient(exchange, request)],
      scene: this.#scene,
      certificate: this.#certificate,
    });
  }

  /** Where nobody says who asks, an address is assumed; that is worth a word where addresses count. */
  #assumedClient(exchange: Exchange | null, request: ModelRequest): readonly string[] {
    const { question } = this.#scene;
    if (this.#subject.process !== null || exchange !== null || question.from !== undefined || this.#toldClient !== null) return [];
    const isAsked = this.#predictor
      .walk(request)
      .checks.some(({ directive, refusal }) => /^(?:allow|deny)$/.test(directive?.name ?? '') || isByAddress(refusal));
    return isAsked ? [`who the client is was not told, so ${request.peer.address} was taken for it; --from ADDRESS asks for another`] : [];
  }

  async prepare(questions: readonly Question[]): Promise<void> {
    await this.#predictor.prepare(questions.map((question) => this.#requestOf(question)));
  }

  predict(question: Question, steps: readonly Step[]): Prediction {
    return this.#predictor.predict(this.#requestOf(question), steps);
  }

  neighbors(question: Question, steps: readonly Step[]): readonly Cell[] {
    return neighborsOf(this.#subject.configuration, question, steps);
  }

  source(file: string): string | null {
    for (const one of this.#subject.configuration.files.values()) if (one.real === file) return one.text;
    return null;
  }

  reload(): readonly Step[] {
    return reloadSteps(this.#subject);
  }

  prove(question: Question, steps: readonly Step[], cells: readonly Cell[], signal: AbortSignal): Promise<Proof> {
    const subject = this.#subject;
    return prove({
      server: {
        configuration: subject.configuration,
        globals: subject.process?.commandLine.globals ?? '',
        binary: subject.binary,
        version: subject.build?.version ?? null,
        build: subject.build?.options ?? null,
        worker: subject.worker,
        isMasterRoot: subject.process === null || subject.process.master.uid === 0,
        root: subject.view.root,
      },
      question,
      steps,
      cells,
      request: (one) => this.#requestOf(one),
      client: (one, after) => this.#predictor.clientAfter(this.#requestOf(one), after),
      stubs: this.#predictor.world(),
      observed: this.#exchange?.status ?? null,
      predict: (one, after) => this.predict(one, after),
      signal,
    });
  }

  async apply(steps: readonly Step[], ask: () => Promise<number | null>, expected: number | null): Promise<Applied> {
    const { configuration, process, view } = this.#subject;
    if (process === null) return refused('no running nginx was looked at: the fix is for files of another machine');
    if (process.executable === null)
      return refused('the executable of the running nginx could not be seen, so its configuration can not be tested');
    return apply({
      server: {
        configuration,
        root: view.root,
        executable: process.executable,
        prefix: process.commandLine.prefix,
        globals: process.commandLine.globals,
        errorLog: process.commandLine.errorLog,
        masterPid: process.master.pid,
        errorLogs: [process.errorLog],
      },
      steps,
      ask,
      expected,
      now: this.#scene.now,
    });
  }

  /** Logs that were given stand in for a request that was not sent. */
  #named(): Named {
    const { question } = this.#scene;
    const scenery = this.#scenery();
    const { errors, accesses } = scenery.instead;
    if (errors.length + accesses.length === 0) return { observation: null, client: null, blind: [] };
    // Files named on the command line are this machine's, wherever the configuration comes from.
    return observeNamed(question, { ...scenery, view: THIS_MACHINE });
  }

  #scenery(): Scenery {
    const { view, configuration, errorLog, build } = this.#subject;
    const defaults = { errorLog, accessLog: build?.accessLog ?? DEBIAN.accessLog };
    const { flags, redactor } = this.#scene;
    const instead = { errors: flags.get('--error-log') ?? [], accesses: flags.get('--access-log') ?? [] };
    return { view, configuration, defaults, redactor, instead };
  }

  #requestOf(question: Question): ModelRequest {
    const { listener, address, now } = this.#scene;
    const local = { address: address ?? listener?.address ?? '127.0.0.1', port: question.port };
    return requestOf(question, this.#exchange, {
      client: this.#toldClient ?? '127.0.0.1',
      local,
      now: now(),
      clientVerify: this.#certificate.verify,
    });
  }
}

function refused(says: string): Applied {
  return { status: 'refused', says, backups: [] };
}

function isByAddress(refusal: Refusal | null): boolean {
  return (
    refusal !== null &&
    'provenance' in refusal &&
    (refusal.provenance ?? []).some(({ from }) => from.some((one) => one.endsWith('remote_addr')))
  );
}
