import { describe, expect, it } from 'vitest';
import { fixture } from './fixture.ts';
import { compileScript, type Outcome, run } from './script.ts';
import { valueOf } from './expand.ts';

function answered(outcome: Outcome): Extract<Outcome, { kind: 'answered' }>['answer'] {
  if (outcome.kind !== 'answered') throw new Error(`${outcome.kind}${outcome.kind === 'undetermined' ? `: ${outcome.missing}` : ''}`);
  return outcome.answer;
}

describe('a script', () => {
  it('traces an answer back through sets to the request that caused it', () => {
    const { run: go, state } = fixture('set $bad 0; if ($http_user_agent ~* bot) { set $bad 1; } if ($bad) { return 403; }');
    const answer = answered(go(state({ headers: [['User-Agent', 'SuperBot']] })));
    expect(answer).toMatchObject({ status: 403, isDirect: false, body: null, location: null });
    expect(answer.condition?.args).toEqual(['($bad)']);
    expect(
      answer.provenance.map(({ variable, value, directive, from }) => [variable, value, directive?.args.join(' ') ?? null, from]),
    ).toEqual([
      ['bad', '1', '$bad 1', ['http_user_agent']],
      ['http_user_agent', 'SuperBot', null, []],
    ]);
  });

  it('traces a default that stayed because a condition did not hold', () => {
    const { run: go, state } = fixture('set $good 0; if ($http_x_key = secret) { set $good 1; } if ($good = 0) { return 403; }');
    const answer = answered(go(state()));
    expect(answer.provenance.map(({ variable }) => variable)).toEqual(['good', 'http_x_key']);
  });

  it('names the map entry that decided', () => {
    const { run: go, state } = fixture('if ($blocked) { return 403; }', 'map $remote_addr $blocked { default 0; 192.0.2.9 1; }');
    const [own, source] = answered(go(state())).provenance;
    expect(own).toMatchObject({ variable: 'blocked', value: '1', from: ['remote_addr'] });
    expect(own?.directive?.name).toBe('map');
    expect(own?.entry?.args).toEqual(['1']);
    expect(source).toMatchObject({ variable: 'remote_addr', value: '192.0.2.9', directive: null });
  });

  it('does not judge a condition on what is not known, but says what it could come to', () => {
    const { run: go, state } = fixture('if ($time_iso8601 ~ "T0[0-4]") { return 403; } return 404;');
    const outcome = go(state());
    expect(outcome.kind).toBe('undetermined');
    if (outcome.kind !== 'undetermined') return;
    expect(outcome.directive.name).toBe('if');
    expect(outcome.missing).toContain('clock');
    expect(outcome.candidates.map(({ status }) => status)).toEqual([403, 404]);
  });

  it('goes on where both ways come to the same', () => {
    const { run: go, state } = fixture('if ($time_iso8601 ~ x) { return 403; } if ($pid) { set $a 1; } return 403;');
    expect(answered(go(state())).status).toBe(403);
  });

  it('makes only the variables unknown that an unknown condition may have set', () => {
    const { run: go, state } = fixture(
      'set $a 1; set $b 1; if ($pid) { set $a 2; set $b 1; } if ($b = 2) { return 403; } rewrite ^ /done;',
    );
    const now = state();
    expect(go(now)).toMatchObject({ kind: 'done', uriChanged: true });
    expect(now.uri).toBe('/done');
    expect(valueOf('a', now).known).toBe(false);
    expect(valueOf('b', now)).toMatchObject({ known: true, value: '1' });
  });

  it('leaves the state alone when it has tried both ways', () => {
    const { run: go, state } = fixture('if ($pid) { rewrite ^ /other last; } if ($uri = /) { return 403; } return 404;');
    const now = state();
    expect(go(now).kind).toBe('undetermined');
    expect(now.uri).toBe('/');
    expect(now.isInternal).toBe(false);
  });

  it('gives up following conditions that multiply', () => {
    const { run: go, state } = fixture(
      `${Array.from({ length: 12 }, (_, at) => `if ($pid = ${at}) { rewrite ^ /p${at}; }`).join(' ')} return 403;`,
    );
    const began = performance.now();
    expect(go(state()).kind).toBe('undetermined');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('knows the status of an answer whose text it does not know', () => {
    const { run: go, state } = fixture('return 403 "id $request_id";');
    expect(answered(go(state()))).toMatchObject({ status: 403, body: null, isTextUnknown: true, isDirect: true });
  });

  it('keeps the last if that held as the configuration of a location', () => {
    const { server, state, configuration } = fixture(
      'location / { if ($uri = /) { add_header A 1; } if ($uri) { add_header B 1; } if ($uri = x) { add_header C 1; } }',
    );
    expect(configuration.files.size).toBe(1);
    const location = server.block?.[0];
    const now = state();
    const outcome = run(compileScript(location?.block ?? [], 'location', now.definitions), now);
    expect(outcome.configuration?.args).toEqual(['($uri)']);
    expect(now.location).toBe(outcome.configuration);
  });

  it('is not sure of the configuration when an if may have taken over', () => {
    const { server, state } = fixture('location / { if ($pid) { root /other; } }');
    const now = state();
    const outcome = run(compileScript(server.block?.[0]?.block ?? [], 'location', now.definitions), now);
    expect(outcome.kind).toBe('undetermined');
  });

  it('answers 500 for a URI rewritten to nothing, and stops at what nginx refuses', () => {
    const empty = fixture('set $nothing ""; rewrite ^ $nothing;');
    expect(empty.run(empty.state())).toMatchObject({ kind: 'failed', status: 500 });
    const broken = fixture('return nonsense;');
    expect(broken.run(broken.state())).toMatchObject({ kind: 'undetermined' });
  });

  it('tests files as the worker sees them, and not where nobody looked', () => {
    const tree = {
      '/srv/secret': 'drwx------ root root',
      '/srv/secret/flag': '-rw-r--r-- root root',
      '/srv/open': '-rw-r--r-- root root',
      '/srv/pipe': 'prw-r--r-- root root',
      '/srv/dark': 'unseen: nobody looked',
    };
    const held = (path: string, test: string): boolean | null => {
      const { run: go, state } = fixture(`if (${test} ${path}) { return 403; } return 404;`);
      const outcome = go(state({ tree }));
      return outcome.kind === 'answered' ? outcome.answer.status === 403 : null;
    };
    expect(held('/srv/open', '-f')).toBe(true);
    expect(held('/srv/secret/flag', '-f')).toBe(false);
    expect(held('/srv/secret/flag', '!-e')).toBe(true);
    expect(held('/srv/pipe', '-e')).toBe(false);
    expect(held('/srv/secret', '-x')).toBe(true);
    expect(held('/srv/dark', '-f')).toBeNull();
    expect(held('relative', '-f')).toBeNull();
  });

  it('does not guess what another module sets', () => {
    const { run: go, state } = fixture('set_by_lua $who "return 1"; if ($who) { return 403; }');
    expect(go(state())).toMatchObject({ kind: 'undetermined', missing: expect.stringContaining('set_by_lua') });
  });
});
