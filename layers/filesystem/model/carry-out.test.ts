import { describe, expect, it } from 'vitest';
import { access } from './access.ts';
import { afterCommand, carryOut } from './carry-out.ts';
import { entryLine } from './entry-line.ts';
import { treeOf, USUAL_ACCOUNTS } from './tree-spec.ts';

function after(spec: string, ...argv: readonly string[]): string | null {
  const look = treeOf({ '/p': spec }).look('/p');
  if (look.state !== 'present') throw new Error('the jotting names one file');
  const entry = afterCommand(look.entry, [...argv, '/p'], USUAL_ACCOUNTS);
  return entry === null ? null : entryLine('/p', entry, USUAL_ACCOUNTS);
}

describe('commands', () => {
  it('changes single bits', () => {
    expect(after('drwx------ root root', 'chmod', 'o+x')).toBe('drwx-----x root root /p');
    expect(after('-rwxrwxrwx root root', 'chmod', 'go-w,o=')).toBe('-rwxr-x--- root root /p');
    expect(after('-rw-r--r-- root root', 'chmod', 'a+X')).toBe('-rw-r--r-- root root /p');
    expect(after('drw-r--r-- root root', 'chmod', 'a+X')).toBe('drwxr-xr-x root root /p');
    expect(after('drwx------ root root', 'chmod', '0755')).toBe('drwxr-xr-x root root /p');
  });

  it('changes owners by name or number', () => {
    expect(after('-rw-r----- root root', 'chgrp', 'www-data')).toBe('-rw-r----- root www-data /p');
    expect(after('-rw-r----- root root', 'chown', 'alice:50')).toBe('-rw-r----- alice staff /p');
    expect(after('-rw-r----- root root', 'chown', ':web')).toBe('-rw-r----- root web /p');
  });

  it('adds an ACL entry and shows its mask as group bits', () => {
    expect(after('drwx------ root root', 'setfacl', '-m', 'u:www-data:--x')).toBe('drwx--x---+ root root /p');
  });

  it('keeps the mask with -n', () => {
    const spec = '-rw-r----- root root + u::rw-,u:bob:rwx,g::r--,m::r--,o::---';
    expect(after(spec, 'setfacl', '-n', '-m', 'u:www-data:r--')).toBe('-rw-r-----+ root root /p');
    expect(after(spec, 'setfacl', '-m', 'u:www-data:r--')).toBe('-rw-rwx---+ root root /p');
  });

  it('changes the mask when chmod changes group bits of a file with an ACL', () => {
    const look = treeOf({ '/p': '-rw-r--r-- root root + u::rw-,u:www-data:r--,g::r--,m::r--,o::r--' });
    const closed = carryOut(look, ['chmod', '600', '/p'], USUAL_ACCOUNTS)?.look('/p');
    expect(closed).toMatchObject({ entry: { mode: 0o600, acl: expect.arrayContaining([{ tag: 'mask', permissions: 0 }]) } });
  });

  it('tells nothing of what it does not know', () => {
    expect(after('-rw-r--r-- root root', 'chmod', '-R', 'o+x')).toBeNull();
    expect(after('-rw-r--r-- root root', 'chmod', '+x')).toBeNull();
    expect(after('-rw-r--r-- root root', 'chgrp', 'nobody-knows')).toBeNull();
    expect(after('-rw-r--r-- root root', 'rm')).toBeNull();
    expect(after('-rw-r--r-- root root', 'setfacl', '-b')).toBeNull();
  });

  it('goes through links, and changes a link itself only with -h', () => {
    const tree = treeOf({ '/l': 'lrwxrwxrwx alice alice -> f', '/f': '-rw------- root root' });
    const chmod = carryOut(tree, ['chmod', 'o+r', '/l'], USUAL_ACCOUNTS);
    expect(chmod?.look('/f')).toMatchObject({ entry: { mode: 0o604 } });
    const chown = carryOut(tree, ['chown', '-h', 'root', '/l'], USUAL_ACCOUNTS);
    expect(chown?.look('/l')).toMatchObject({ entry: { uid: 0, type: 'symlink' } });
    expect(carryOut(tree, ['chmod', 'o+r', '/nowhere'], USUAL_ACCOUNTS)).toBeNull();
  });

  it('leaves the tree it started from alone', () => {
    const tree = treeOf({ '/f': '-rw------- root root' });
    const now = carryOut(tree, ['chmod', 'o+r', '/f'], USUAL_ACCOUNTS);
    const worker = { user: 'www-data', uid: 33, gid: 33, groups: [] };
    expect(access(tree, worker, '/f', 'read').verdict).toBe('refused');
    expect(now !== null && access(now, worker, '/f', 'read').verdict).toBe('granted');
  });
});
