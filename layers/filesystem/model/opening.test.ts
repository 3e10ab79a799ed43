import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf } from './accounts.ts';
import { afterCommand } from './carry-out.ts';
import { openings } from './opening.ts';
import { permit, READ, SEARCH, WRITE } from './permission.ts';
import { treeOf, USUAL_ACCOUNTS } from './tree-spec.ts';
import type { Entry, Identity } from './tree.ts';

const worker = identityOf(USUAL_ACCOUNTS, 'www-data') ?? never();

function entryOf(spec: string): Entry {
  const look = treeOf({ '/p': spec }).look('/p');
  return look.state === 'present' ? look.entry : never();
}

function ways(spec: string, want: 'read' | 'search', acls: boolean | null = true): readonly string[] {
  const remedies = openings({ path: '/p', entry: entryOf(spec), want, identity: worker, accounts: USUAL_ACCOUNTS, acls });
  return remedies.map((one) => one.steps.map((step) => (step.kind === 'command' ? step.argv.join(' ') : step.kind)).join('; '));
}

describe('openings', () => {
  it('opens to the worker alone first, to everybody last', () => {
    expect(ways('drwx------ alice alice', 'search')).toEqual([
      'setfacl -m u:www-data:--x /p',
      'chgrp www-data /p; chmod g+x /p',
      'chmod o+x /p',
    ]);
  });

  it('prefers the group bit over an ACL when the group is the worker alone', () => {
    expect(ways('-rw------- root www-data', 'read')[0]).toBe('chmod g+r /p');
  });

  it('prefers an ACL over a group with other members', () => {
    expect(ways('-rw------- root web', 'read')).toEqual(['setfacl -m u:www-data:r-- /p', 'chmod g+r /p']);
  });

  it('does without ACLs where they can not be set', () => {
    expect(ways('drwxr-x--- alice staff', 'search', false)).toEqual(['chmod o+x /p']);
  });

  it('does not take a group away from those who use it', () => {
    expect(ways('-rw-r----- alice staff', 'read').join()).not.toContain('chgrp');
  });

  it('does not offer bits that the worker is never asked for', () => {
    expect(ways('--w----r-- www-data root', 'read')).toEqual(['chmod u+r /p']);
    expect(ways('-rw-r--r-- root root + u::rw-,u:www-data:---,g::r--,m::r--,o::r--', 'read')).toEqual([
      'setfacl -n -m u:www-data:r--,m::r-- /p',
    ]);
  });

  const mode = fc.integer({ min: 0, max: 0o777 });
  const permissions = fc.integer({ min: 0, max: 7 });
  const acl = fc
    .record({ named: permissions, worker: fc.option(permissions), mask: permissions, group: permissions })
    .map(({ named, worker: own, mask, group }) => ({
      mask,
      entries: [
        { tag: 'user' as const, id: 1001, permissions: named },
        ...(own === null ? [] : [{ tag: 'user' as const, id: 33, permissions: own }]),
        { tag: 'group-owner' as const, permissions: group },
        { tag: 'mask' as const, permissions: mask },
      ],
    }));
  const entry = fc
    .record({
      mode,
      uid: fc.constantFrom(0, 33, 1000),
      gid: fc.constantFrom(0, 33, 50, 2000),
      isDirectory: fc.boolean(),
      acl: fc.option(acl),
    })
    .map((one): Entry => {
      const base = { type: one.isDirectory ? ('directory' as const) : ('file' as const), uid: one.uid, gid: one.gid, size: 0 };
      if (one.acl === null) return { ...base, mode: one.mode, acl: null };
      const full = (one.mode & ~0o070) | (one.acl.mask << 3);
      const whole = [
        { tag: 'user-owner' as const, permissions: one.mode >> 6 },
        ...one.acl.entries,
        { tag: 'other' as const, permissions: one.mode & 7 },
      ];
      return { ...base, mode: full, acl: whole };
    });

  it('always lets the worker in, never lets anybody write, and never takes anything from anybody', () => {
    fc.assert(
      fc.property(entry, (before) => {
        const want = before.type === 'directory' ? ('search' as const) : ('read' as const);
        const bit = want === 'search' ? SEARCH : READ;
        if (permit(before, worker, bit).verdict !== 'refused') return;
        for (const remedy of openings({ path: '/p', entry: before, want, identity: worker, accounts: USUAL_ACCOUNTS, acls: true })) {
          let after: Entry | null = before;
          for (const step of remedy.steps) {
            if (step.kind !== 'command') return;
            after = after === null ? null : afterCommand(after, step.argv, USUAL_ACCOUNTS);
          }
          if (after === null) throw new Error(`not foretold: ${JSON.stringify(remedy.steps)}`);
          expect(permit(after, worker, bit).verdict).toBe('granted');
          for (const one of everybody()) expect(unwanted(before, after, one)).toBe('');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

/** What somebody gained beyond the one bit, or lost. */
function unwanted(before: Entry, after: Entry, who: Identity): string {
  const had = (bit: number): boolean => permit(before, who, bit).verdict === 'granted';
  const has = (bit: number): boolean => permit(after, who, bit).verdict === 'granted';
  const wished = before.type === 'directory' ? SEARCH : READ;
  const gained = [READ, WRITE, SEARCH].filter((bit) => bit !== wished && has(bit) && !had(bit));
  const lost = [READ, WRITE, SEARCH].filter((bit) => had(bit) && !has(bit));
  return [...gained.map((bit) => `${who.user} gained ${bit}`), ...lost.map((bit) => `${who.user} lost ${bit}`)].join(', ');
}

function everybody(): readonly Identity[] {
  return USUAL_ACCOUNTS.users.flatMap((user) => identityOf(USUAL_ACCOUNTS, user.name) ?? []);
}

function never(): never {
  throw new Error('the usual accounts have it');
}
