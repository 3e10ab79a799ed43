/**
 * A process of its own that tries a fix. `hang`: on requests that never end, so that it can be interrupted.
 * `deny` and `bits`: to the end, with the proof on standard output; for runs under another account.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { cell, siteOf } from './site.lab-fixture.ts';

const [kind] = process.argv.slice(2);
const site = siteOf({
  tree: {
    'in/index.html': { type: 'file', text: 'x' },
    'shut/index.html': { type: 'file', text: 'x' },
    shut: { type: 'directory', mode: 0o700 },
  },
  http: ({ root }) =>
    `client_max_body_size 0; server { listen 80; root ${root}; location /in/ { deny all; } location /app/ { proxy_pass http://127.0.0.1:1; } }`,
});
const question = site.question('/in/');
const fix = site.edit('/in/ { deny all; }', '/in/ { }');
const predict = (_question: unknown, steps: readonly unknown[]) => ({ status: steps.length === 0 ? 403 : 200, missing: [] });
if (kind === 'hang') {
  // nginx waits for all of a body before it passes the request on, and only a part of this one is ever sent.
  const endless = cell('endless', site.question('/app/', { method: 'POST', bodyLength: 2 ** 30 }));
  await site.prove(question, [fix], { cells: [endless] }).catch(() => {});
  await pause(60_000);
} else {
  const argv = ['chmod', 'o+x', `${site.root}/shut`] as const;
  const proof =
    kind === 'deny'
      ? await site.prove(question, [fix])
      : await site.prove(site.question('/shut/'), [{ kind: 'command', argv }], { predict });
  console.log(JSON.stringify(proof));
  if (kind === 'bits-of-others') {
    const trial = site.trial(site.question('/shut/'), [{ kind: 'command', argv }], { predict });
    const { prove } = await import('./prove.ts');
    console.log(
      JSON.stringify(await prove({ ...trial, server: { ...trial.server, worker: { user: 'www-data', uid: 33, gid: 33, groups: [] } } })),
    );
    console.log(
      JSON.stringify(
        await prove({ ...trial, steps: [], server: { ...trial.server, worker: { user: 'www-data', uid: 33, gid: 33, groups: [] } } }),
      ),
    );
  }
  site.remove();
}
