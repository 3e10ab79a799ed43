import { describe, expect, it } from 'vitest';
import { access } from './access.ts';
import { identityOf } from './accounts.ts';
import { treeOf, USUAL_ACCOUNTS } from './tree-spec.ts';
import type { TreeOptions, TreeSpec } from './tree-spec.ts';
import type { Access, Identity, Use } from './tree.ts';

function who(name: string): Identity {
  const found = identityOf(USUAL_ACCOUNTS, name);
  if (found === null) throw new Error(`no account ${name}`);
  return found;
}

function ask(spec: TreeSpec, user: string, path: string, use: Use = 'read', options: TreeOptions = {}): string {
  return brief(access(treeOf(spec, options), who(user), path, use));
}

function brief(answer: Access): string {
  switch (answer.verdict) {
    case 'granted':
      return `granted ${answer.real}`;
    case 'unknown':
      return `unknown ${answer.missing}`;
    case 'refused': {
      const { errno, path, needs, class: consulted } = answer.obstacle;
      return [errno, path, needs, consulted].filter((part) => part !== null).join(' ');
    }
  }
}

describe('permission classes', () => {
  const site = { '/srv/site': 'drwxr-xr-x root root', '/srv/site/a': '-rw-r--r-- alice alice' };

  it('reads what everybody may read', () => {
    expect(ask(site, 'www-data', '/srv/site/a')).toBe('granted /srv/site/a');
  });

  it('names the first directory that can not be searched, not the deepest path', () => {
    const spec = {
      '/home/alice': 'drwx------ alice alice',
      '/home/alice/www': 'drwx------ alice alice',
      '/home/alice/www/a': '-rw------- alice alice',
    };
    expect(ask(spec, 'www-data', '/home/alice/www/a')).toBe('EACCES /home/alice search other');
  });

  it('holds the owner to the owner bits although others may read', () => {
    expect(ask({ '/a': '----r--r-- www-data root' }, 'www-data', '/a')).toBe('EACCES /a read owner');
  });

  it('holds a group member to the group bits although others may read', () => {
    expect(ask({ '/a': '-rw----r-- root web' }, 'www-data', '/a')).toBe('EACCES /a read group');
  });

  it('lets a supplementary group in', () => {
    expect(ask({ '/a': '-rw-r----- root web' }, 'www-data', '/a')).toBe('granted /a');
  });

  it('lets root read and search whatever the bits say', () => {
    const spec = { '/x': 'd--------- alice alice', '/x/a': '---------- alice alice' };
    expect(ask(spec, 'root', '/x/a')).toBe('granted /x/a');
  });

  it('binds a root without its capabilities', () => {
    const answer = access(treeOf({ '/a': '-rw------- alice alice' }), { ...who('root'), bypass: false }, '/a', 'read');
    expect(brief(answer)).toBe('EACCES /a read other');
  });

  it('needs no permission on the file itself for stat', () => {
    expect(ask({ '/a': '---------- alice alice' }, 'www-data', '/a', 'stat')).toBe('granted /a');
  });

  it('needs read to list a directory and search to enter it', () => {
    const spec = { '/x': 'drwx--x--x root root', '/y': 'drwxr--r-- root root' };
    expect(ask(spec, 'www-data', '/x', 'list')).toBe('EACCES /x read other');
    expect(ask(spec, 'www-data', '/x', 'search')).toBe('granted /x');
    expect(ask(spec, 'www-data', '/y', 'list')).toBe('granted /y');
    expect(ask(spec, 'www-data', '/y', 'search')).toBe('EACCES /y search other');
  });
});

describe('access ACLs', () => {
  it('grants by a named entry within the mask', () => {
    expect(ask({ '/a': '-rw-r----- root root + u::rw-,u:www-data:r--,g::---,m::r--,o::---' }, 'www-data', '/a')).toBe('granted /a');
  });

  it('refuses by a named entry although others may read', () => {
    expect(ask({ '/a': '-rw-r--r-- root root + u::rw-,u:www-data:---,g::r--,m::r--,o::r--' }, 'www-data', '/a')).toBe(
      'EACCES /a read acl-user',
    );
  });

  it('refuses through the mask what an entry grants', () => {
    expect(ask({ '/a': '-rw--w-r-- root root + u::rw-,u:www-data:r--,g::r--,m::-w-,o::r--' }, 'www-data', '/a')).toBe(
      'EACCES /a read acl-mask',
    );
  });

  it('does not fall through to others once a group entry matched', () => {
    expect(ask({ '/a': '-rw-r--r-- root root + u::rw-,g::r--,g:web:---,m::r--,o::r--' }, 'www-data', '/a')).toBe(
      'EACCES /a read acl-group',
    );
  });

  it('takes any one group entry that grants', () => {
    expect(ask({ '/a': '-rw-r----- root web + u::rw-,g::---,g:www-data:r--,m::r--,o::---' }, 'www-data', '/a')).toBe('granted /a');
  });

  it('ignores an ACL whose mask is empty, as the kernel does', () => {
    expect(ask({ '/a': '-rw----r-- root root + u::rw-,u:www-data:---,g::---,m::---,o::r--' }, 'www-data', '/a')).toBe('granted /a');
  });

  it('does not apply to the owner', () => {
    expect(ask({ '/a': '-r--r----- www-data root + u::r--,u:www-data:---,g::---,m::r--,o::---' }, 'www-data', '/a')).toBe('granted /a');
  });

  it('says unknown for an unread ACL that may decide either way', () => {
    expect(ask({ '/a': '-rw-r--r-- root root + unread' }, 'www-data', '/a')).toBe('unknown /a: its access ACL could not be read');
  });

  it('refuses under an unread ACL when neither mask nor others hold the bit', () => {
    expect(ask({ '/a': '-rw--w---- root root + unread' }, 'www-data', '/a')).toBe('EACCES /a read acl-mask');
  });
});

describe('path resolution', () => {
  const tree = {
    '/srv/a/b': 'drwxr-xr-x root root',
    '/srv/a/b/f': '-rw-r--r-- root root',
    '/srv/rel': 'lrwxrwxrwx root root -> a/b',
    '/srv/abs': 'lrwxrwxrwx root root -> /srv/a/b/',
    '/srv/file': 'lrwxrwxrwx root root -> a/b/f',
    '/srv/gone': 'lrwxrwxrwx root root -> a/nothing',
    '/srv/loop': 'lrwxrwxrwx root root -> loop',
  };

  it('follows relative and absolute links', () => {
    expect(ask(tree, 'www-data', '/srv/rel/f')).toBe('granted /srv/a/b/f');
    expect(ask(tree, 'www-data', '/srv/abs/f')).toBe('granted /srv/a/b/f');
  });

  it('takes .. behind a link as the parent of where it leads', () => {
    expect(ask(tree, 'www-data', '/srv/rel/../b/f')).toBe('granted /srv/a/b/f');
    expect(ask(tree, 'www-data', '/../../srv/file')).toBe('granted /srv/a/b/f');
  });

  it('asks for search on a directory even for the dot', () => {
    expect(ask({ '/x': 'drw-r--r-- root root' }, 'www-data', '/x/.', 'stat')).toBe('EACCES /x search other');
    expect(ask({ '/x': 'drw-r--r-- root root' }, 'www-data', '/x/', 'stat')).toBe('granted /x');
  });

  it('names the missing target of a dangling link and the link that led there', () => {
    const answer = access(treeOf(tree), who('www-data'), '/srv/gone', 'read');
    expect(brief(answer)).toBe('ENOENT /srv/a/nothing');
    expect(answer.verdict === 'refused' && answer.obstacle.links).toEqual([{ path: '/srv/gone', target: 'a/nothing' }]);
  });

  it('does not follow the last link for lstat, unless a slash follows', () => {
    expect(ask(tree, 'www-data', '/srv/gone', 'lstat')).toBe('granted /srv/gone');
    expect(ask(tree, 'www-data', '/srv/rel/', 'lstat')).toBe('granted /srv/a/b');
  });

  it('refuses a slash behind a file, also behind a link to one', () => {
    expect(ask(tree, 'www-data', '/srv/a/b/f/', 'stat')).toBe('ENOTDIR /srv/a/b/f');
    expect(ask(tree, 'www-data', '/srv/file/', 'stat')).toBe('ENOTDIR /srv/a/b/f');
    expect(ask(tree, 'www-data', '/srv/a/b/f/x', 'stat')).toBe('ENOTDIR /srv/a/b/f');
  });

  it('follows forty links and not one more', () => {
    const chain = (length: number): TreeSpec =>
      Object.fromEntries([
        ['/l0', '-rw-r--r-- root root'],
        ...Array.from({ length }, (_, at) => [`/l${at + 1}`, `lrwxrwxrwx root root -> l${at}`]),
      ]);
    expect(ask(chain(40), 'www-data', '/l40')).toBe('granted /l0');
    expect(ask(chain(41), 'www-data', '/l41')).toBe('ELOOP /l1');
    expect(ask(tree, 'www-data', '/srv/loop')).toBe('ELOOP /srv/loop');
  });

  it('counts bytes of names and paths', () => {
    expect(ask({}, 'www-data', `/${'ä'.repeat(128)}`)).toBe('unknown /: nobody has looked there');
    expect(ask(tree, 'www-data', `/${'ä'.repeat(128)}`)).toMatch(/^ENAMETOOLONG \/ä+$/);
    expect(ask(tree, 'www-data', `/${'a'.repeat(255)}`)).toMatch(/^ENOENT/);
    expect(ask(tree, 'www-data', '/'.repeat(4096))).toMatch(/^ENAMETOOLONG/);
    expect(ask(tree, 'www-data', '/'.repeat(4095), 'stat')).toBe('granted /');
  });

  it('asks for search before it judges the name', () => {
    expect(ask({ '/x': 'drw------- root root' }, 'www-data', `/x/${'a'.repeat(256)}`)).toBe('EACCES /x search other');
  });

  it('says unknown, never granted, where nobody has looked', () => {
    expect(ask({ '/srv/a': 'drwxr-xr-x root root' }, 'www-data', '/srv/a/b', 'read', { world: 'open' })).toBe(
      'unknown /srv/a/b: nobody has looked there',
    );
  });

  it('settles a refusal above what was never seen', () => {
    expect(ask({ '/srv/a': 'drwx------ root root' }, 'www-data', '/srv/a/b', 'read', { world: 'open' })).toBe('EACCES /srv/a search other');
  });
});

describe('fs.protected_symlinks', () => {
  const shared = { '/tmp': 'drwxrwxrwt root root', '/tmp/l': 'lrwxrwxrwx alice alice -> /a', '/a': '-rw-r--r-- root root' };

  it('keeps others from following a link in a sticky directory that everybody may write', () => {
    expect(ask(shared, 'www-data', '/tmp/l', 'read', { protectedSymlinks: true })).toBe('EACCES /tmp/l');
    expect(ask(shared, 'alice', '/tmp/l', 'read', { protectedSymlinks: true })).toBe('granted /a');
    expect(ask(shared, 'www-data', '/tmp/l', 'read', { protectedSymlinks: false })).toBe('granted /a');
  });

  it('makes the answer unknown while nobody knows the setting', () => {
    expect(ask(shared, 'www-data', '/tmp/l')).toMatch(/^unknown whether sysctl fs\.protected_symlinks/);
  });

  it('does not concern links on the way', () => {
    const spec = { ...shared, '/tmp/d': 'lrwxrwxrwx alice alice -> /srv', '/srv/f': '-rw-r--r-- root root' };
    expect(ask(spec, 'www-data', '/tmp/d/f', 'read', { protectedSymlinks: true })).toBe('granted /srv/f');
  });
});
