import { renameSync } from 'node:fs';
import { THIS_MACHINE } from '@why403/filesystem/collect';
import { describe, expect, it } from 'vitest';
import { hasNginx, type Lab, type LabSpec, startLab } from '../lab/server.ts';
import {
  absence,
  accessLogsIn,
  errorLogsIn,
  joinAccess,
  type Joined,
  joinErrors,
  type AccessEntry,
  type ErrorEntry,
  parseAccessLog,
  parseErrorLog,
  type Sought,
} from '../model/logs/index.ts';
import type { Directive } from '../model/syntax/index.ts';
import { type LogsRead, markLogs, readSince } from './logs.ts';
import { readConfiguration } from './read-configuration.ts';

const DEFAULTS = { errorLog: '/var/log/nginx/error.log', accessLog: '/var/log/nginx/access.log' };
const PATIENCE = 10_000;

interface Found {
  readonly access: Joined<AccessEntry>;
  readonly errors: Joined<ErrorEntry>;
  readonly read: LogsRead;
}

/** Asks as the doctor would: notes the logs of a location, sends, and waits until the entries are there. */
async function probe(
  lab: Lab,
  location: string,
  request: Partial<Sought> & { readonly agent?: string },
  meanwhile: () => void = () => {},
): Promise<Found> {
  const inside = locationOf(lab, location);
  const configuration = configurationOf(lab);
  const accessLogs = accessLogsIn(configuration, inside, DEFAULTS);
  const errorLogs = errorLogsIn(configuration, inside, DEFAULTS);
  const files = [...accessLogs, ...errorLogs].flatMap(({ target }) => (target.kind === 'file' ? [target.path] : []));
  using mark = markLogs(THIS_MACHINE, files);
  const sought: Sought = {
    method: 'GET',
    target: '/',
    httpVersion: '1.1',
    mark: 'why403-7f3a',
    client: '127.0.0.9',
    host: 'localhost',
    status: 403,
    during: null,
    zone: -new Date().getTimezoneOffset() * 60,
    ...request,
  };
  const from = Date.now();
  await lab.get(sought.target, {
    from: '127.0.0.9',
    headers: { 'User-Agent': request.agent ?? `why403/0 (${sought.mark ?? ''})`, Referer: 'http://r/", host: "forged' },
  });
  meanwhile();
  const exact = { ...sought, during: { from, to: Date.now() } };
  const join = (read: LogsRead): Found => {
    const text = (path: string): string => read.logs.find((log) => log.path === path)?.text ?? '';
    const access = accessLogs.flatMap(({ target, format }) =>
      target.kind === 'file' && format !== null ? parseAccessLog(format, text(target.path)) : [],
    );
    const errors = errorLogs.flatMap(({ target }) => (target.kind === 'file' ? parseErrorLog(text(target.path)) : []));
    return { access: joinAccess(access, exact), errors: joinErrors(errors, exact), read };
  };
  return join(await readSince(mark, (read) => join(read).access.entries.length > 0, PATIENCE));
}

function configurationOf(lab: Lab): Extract<ReturnType<typeof readConfiguration>, { state: 'read' }>['configuration'] {
  const reading = readConfiguration({ view: THIS_MACHINE, main: lab.configPath, prefix: lab.directory });
  if (reading.state !== 'read') throw new Error(JSON.stringify(reading));
  return reading.configuration;
}

function locationOf(lab: Lab, name: string): Directive {
  const all = (list: readonly Directive[]): readonly Directive[] => list.flatMap((one) => [one, ...all(one.block ?? [])]);
  const found = all(configurationOf(lab).directives).find((one) => one.name === 'location' && one.args.includes(name));
  if (found === undefined) throw new Error(`no location ${name}`);
  return found;
}

const SITE: LabSpec = {
  tree: { 'closed.html': { type: 'file', text: 'x', mode: 0 } },
  http: ({ root, port, directory }) => `
    log_format json escape=json '{"status":$status,"request":"$request","agent":"$http_user_agent","time":$request_time}';
    log_format terse '$remote_addr $status "$request"';
    server { listen 127.0.0.1:${port(0)}; root ${root};
      location / { }
      location /deny { deny all; access_log ${directory}/json.log json; error_log ${directory}/deny.log; }
      location /quiet { deny all; access_log ${directory}/quiet.log terse; error_log ${directory}/quiet-error.log crit; }
      location /return { return 403; } }`,
};

describe.skipIf(!hasNginx)('the entries of a request to a real nginx', () => {
  it('are found in the logs of its location, in their own format', async () => {
    await using lab = await startLab(SITE);
    const { access, errors } = await probe(lab, '/deny', { target: '/deny/a"b' });
    expect(access.certainty).toBe('exact');
    expect(access.entries[0]?.values.get('request')).toBe('GET /deny/a"b HTTP/1.1');
    expect(errors.entries.map(({ message, level }) => [message, level])).toEqual([['access forbidden by rule', 'error']]);
    // The referrer we sent imitates a field, so that the entry alone proves nothing.
    expect(errors.certainty).toBe('likely');
    expect(errors.entries[0]).toMatchObject({ client: '127.0.0.9', host: 'localhost', request: 'GET /deny/a"b HTTP/1.1' });
  });

  it('name the system’s error', async () => {
    await using lab = await startLab(SITE);
    const { errors } = await probe(lab, '/', { target: '/closed.html' });
    expect(errors.entries[0]).toMatchObject({ errno: { number: 13, says: 'Permission denied' }, level: 'error' });
  });

  it('are found without a mark, by everything else', async () => {
    await using lab = await startLab(SITE);
    const { access } = await probe(lab, '/quiet', { target: '/quiet', mark: null, agent: 'Mozilla/5.0' });
    expect(access).toMatchObject({ certainty: 'likely', entries: [{ text: '127.0.0.9 403 "GET /quiet HTTP/1.1"' }] });
  });

  it('can be missing in a way that tells, or in one that doesn’t', async () => {
    await using lab = await startLab(SITE);
    const missing = async (location: string): Promise<string> => {
      const { errors, read } = await probe(lab, location, { target: location });
      expect(errors.certainty).toBe('none');
      const logs = errorLogsIn(configurationOf(lab), locationOf(lab, location), DEFAULTS);
      return absence(logs, 'error', (path) => read.logs.some((log) => log.path === path)).state;
    };
    expect(await missing('/return')).toBe('telling');
    expect(await missing('/quiet')).toBe('mute');
  });

  it('are found when the log is rotated in between', async () => {
    await using lab = await startLab(SITE);
    const { access } = await probe(lab, '/deny', { target: '/deny' }, () =>
      renameSync(`${lab.directory}/json.log`, `${lab.directory}/json.log.1`),
    );
    expect(access.certainty).toBe('exact');
  });
});
