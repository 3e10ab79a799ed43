import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAcl } from './acl-text.ts';
import { identityName, identityOf, membersOf, NO_ACCOUNTS, parseAccounts } from './accounts.ts';
import { aclText, entryLine, modeText, permissionText } from './entry-line.ts';
import { ancestorsOf, byteLength, isWithin, nameOf, parentOf, tidied } from './path.ts';
import { changed, SnapshotTree } from './snapshot-tree.ts';
import { bitsOf, treeOf, USUAL_ACCOUNTS } from './tree-spec.ts';
import type { Entry } from './tree.ts';

describe('a snapshot', () => {
  it('wants what it was asked for and does not hold, once', () => {
    const tree = new SnapshotTree();
    tree.look('/a');
    tree.look('/a');
    tree.list('/b');
    tree.read('/c');
    expect(tree.wanted).toEqual({ looks: ['/a'], listings: ['/b'], texts: ['/c'] });
    tree.noteLook('/a', { state: 'absent' });
    tree.noteListing('/b', null);
    tree.noteText('/c', 'x');
    expect(tree.isComplete).toBe(true);
    expect([tree.look('/a').state, tree.list('/b'), tree.read('/c')]).toEqual(['absent', null, 'x']);
  });

  it('knows from a complete listing that a name is absent', () => {
    const tree = new SnapshotTree();
    tree.noteListing('/d', ['x']);
    expect(tree.look('/d/y').state).toBe('absent');
    expect(tree.look('/d/x').state).toBe('unseen');
  });

  it('keeps listings in step with changes laid over it', () => {
    const tree = treeOf({ '/d/x': '-rw-r--r-- root root' });
    const look = tree.look('/d/x');
    const now = changed(
      tree,
      new Map([
        ['/d/y', look],
        ['/d/x', { state: 'absent' as const }],
      ]),
    );
    expect(now.list('/d')).toEqual(['y']);
    expect([now.look('/d/x').state, now.look('/d/y').state, tree.look('/d/y').state]).toEqual(['absent', 'present', 'absent']);
  });

  it('says which jotting is wrong', () => {
    expect(() => treeOf({ '/a': 'nonsense' })).toThrow('/a: not a jotting of a file: nonsense');
    expect(() => treeOf({ '/a': '-rw-r--r-- who root' })).toThrow('no user is called who');
  });
});

describe('accounts', () => {
  const accounts = parseAccounts('# c\nroot:x:0:0:r:/root:/bin/sh\n+nis\nweb:x:33:33::/:\nbad:x:y:z\n', 'www:x:50:web,other\nweb:x:33:\n');

  it('logs in with every group', () => {
    expect(identityOf(accounts, 'web')).toEqual({ user: 'web', uid: 33, gid: 33, groups: [33, 50] });
    expect(identityOf(accounts, '33')?.user).toBe('web');
    expect(identityOf(accounts, 'nobody')).toBeNull();
  });

  it('counts primary members too', () => {
    expect(membersOf(accounts, 33)).toEqual(['web']);
    expect(membersOf(accounts, 50)).toEqual(['web', 'other']);
    expect(membersOf(accounts, 99)).toBeNull();
  });

  it('names an identity', () => {
    expect(identityName({ user: 'web', uid: 33, gid: 33, groups: [33, 50] }, accounts)).toBe('web (uid 33, groups web, www)');
    expect(identityName({ user: '7', uid: 7, gid: 8, groups: [] }, NO_ACCOUNTS)).toBe('7 (uid 7, group 8)');
  });
});

describe('writing and reading back', () => {
  it('holds for every mode', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0o7777 }), (mode) => {
        expect(bitsOf(modeText({ type: 'file', mode }))).toBe(mode);
      }),
    );
  });

  it('holds for every ACL entry', () => {
    const entry = fc
      .constantFrom('user' as const, 'group' as const)
      .chain((tag) => fc.record({ tag: fc.constant(tag), id: fc.nat(70_000), permissions: fc.integer({ min: 0, max: 7 }) }));
    fc.assert(
      fc.property(fc.array(entry), (acl) => {
        expect(parseAcl(acl.map((one) => aclText(one, NO_ACCOUNTS)).join('\n'))).toEqual(acl);
      }),
    );
  });

  it('quotes a file as ls does', () => {
    const entry: Entry = { type: 'directory', mode: 0o1750, uid: 1000, gid: 33, size: 0, acl: 'unread' };
    expect(entryLine('/srv', entry, USUAL_ACCOUNTS)).toBe('drwxr-x--T+ alice www-data /srv');
    expect(permissionText(5)).toBe('r-x');
  });
});

describe('paths', () => {
  it('counts bytes as UTF-8 does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(byteLength(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });

  it('takes apart and puts together', () => {
    expect([parentOf('/a/b'), parentOf('/a'), nameOf('/a/b'), tidied('//a/./b//'), tidied('/')]).toEqual(['/a', '/', 'b', '/a/b', '/']);
    expect(ancestorsOf('/a/b/c')).toEqual(['/', '/a', '/a/b']);
    expect(ancestorsOf('/')).toEqual([]);
    expect([isWithin('/a/b', '/a'), isWithin('/ab', '/a'), isWithin('/a', '/')]).toEqual([true, false, true]);
  });
});
