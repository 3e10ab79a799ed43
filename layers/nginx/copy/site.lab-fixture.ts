import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit, Step } from '@why403/decision';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import type { Cell, Prediction, Proof } from '@why403/terms/house';
import { header, type Question } from '@why403/terms/request';
import { readBuild } from '../collect/build.ts';
import { readConfiguration } from '../collect/read-configuration.ts';
import { isRoot, plantTree, type TreeSpec, unlockTree } from '../lab/tree.ts';
import type { Configuration } from '../model/syntax/index.ts';
import type { ModelRequest } from '../model/trace.ts';
import { keepForCleanUp } from './clean-up.ts';
import { prove } from './prove.ts';
import type { Trial } from './trial.ts';

export const NGINX = '/usr/sbin/nginx';

/** A configuration with its files, never started itself: what a trial makes its copies of. */
export interface Site {
  readonly directory: string;
  readonly root: string;
  readonly configuration: Configuration;
  readonly configPath: string;
  question(target: string, more?: Partial<Question>): Question;
  /** An edit of the one place where `before` stands in a file of the site; the main one unless told. */
  edit(before: string, after: string, file?: string): Step;
  trial(question: Question, steps: readonly Step[], more?: Partial<Trial>): Trial;
  prove(question: Question, steps: readonly Step[], more?: Partial<Trial>): Promise<Proof>;
  remove(): void;
}

export interface SiteSpec {
  readonly tree?: TreeSpec;
  readonly files?: TreeSpec;
  readonly http: (places: { readonly root: string; readonly directory: string }) => string;
  readonly user?: string;
}

export function siteOf(spec: SiteSpec): Site {
  const directory = mkdtempSync(join(tmpdir(), 'why403-site-'));
  chmodSync(directory, 0o755);
  const remove = (): void => {
    if (!isRoot) unlockTree(directory);
    rmSync(directory, { recursive: true, force: true });
  };
  const release = keepForCleanUp(remove);
  const root = join(directory, 'www');
  mkdirSync(root, { mode: 0o755 });
  plantTree(root, spec.tree ?? {});
  plantTree(directory, spec.files ?? {});
  const configPath = join(directory, 'nginx.conf');
  const user = spec.user ?? 'www-data';
  writeFileSync(configPath, `user ${user};\nevents {}\nhttp {\n${spec.http({ root, directory })}\n}\n`);
  const reading = readConfiguration({ view: THIS_MACHINE, main: configPath, prefix: `${directory}/` });
  if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
  const { configuration } = reading;
  const site: Site = {
    directory,
    root,
    configuration,
    configPath,
    question: (target, more = {}) => ({
      method: 'GET',
      scheme: 'http',
      hostname: 'localhost',
      port: 80,
      target,
      headers: [],
      bodyLength: 0,
      httpVersion: '1.1',
      ...more,
    }),
    edit: (before, after, file = configPath) => {
      const text = [...configuration.files.values()].find((one) => one.real === file)?.text ?? '';
      const start = text.indexOf(before);
      if (start < 0 || text.includes(before, start + 1)) throw new Error(`${JSON.stringify(before)} doesn't stand exactly once in ${file}`);
      const edit: Edit = { file, start, end: start + before.length, text: after };
      return { kind: 'edit', edits: [edit] };
    },
    trial: (question, steps, more = {}) => ({ ...defaults(configuration, user), question, steps, ...more }),
    prove: (question, steps, more = {}) => prove(site.trial(question, steps, more)),
    remove: () => {
      remove();
      release();
    },
  };
  return site;
}

function defaults(configuration: Configuration, user: string): Omit<Trial, 'question' | 'steps'> {
  const build = readBuild(NGINX);
  const account = isRoot ? (user.split(' ')[0] ?? user) : String(process.getuid?.());
  const id = (option: string): string => execFileSync('id', [option, account], { encoding: 'utf8' }).trim();
  return {
    server: {
      configuration,
      globals: '',
      binary: NGINX,
      version: build?.version ?? null,
      build: build?.options ?? null,
      worker: { user: id('-un'), uid: Number(id('-u')), gid: Number(id('-g')), groups: id('-G').split(' ').map(Number) },
      isMasterRoot: true,
      root: '',
    },
    cells: [],
    request: requestOf,
    client: (question) => question.from ?? '127.0.0.1',
    stubs: { upstream: () => null, authRequest: () => null },
    observed: null,
    predict: (): Prediction => ({ status: null, missing: ['no model in this test'] }),
    signal: new AbortController().signal,
  };
}

export function requestOf(question: Question): ModelRequest {
  const address = question.from ?? '127.0.0.1';
  return {
    method: question.method,
    target: question.target,
    httpVersion: question.httpVersion,
    headers: header(question.headers, 'host') === undefined ? [['Host', question.hostname], ...question.headers] : question.headers,
    peer: { address, port: null },
    local: { address: address.includes(':') ? '::1' : '127.0.0.1', port: question.port },
    tls: question.scheme === 'https' ? { serverName: question.hostname, clientVerify: 'NONE' } : null,
    time: Date.now() / 1000,
  };
}

export function cell(label: string, question: Question): Cell {
  return { label, question };
}
