import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../gen/catalog.ts';
import { apt, isDebian, linesOf } from './apt.ts';

const LIST = join(ROOT, 'layers', 'nginx', 'lab', 'shipped', 'files.txt');
const CACHE = join(ROOT, '.cache', 'debian');

/**
 * Fetches the configurations that the list names into .cache/debian/PACKAGE/PATH. The packages are unpacked and
 * not installed: their programs are of no interest, and dozens of services would be no guests to bring along.
 * What can't be fetched is skipped by the tests that read it.
 */
export function unpackShippedConfigurations(): void {
  const wanted = linesOf(readFileSync(LIST, 'utf8')).map((line) => line.split(' ') as [name: string, path: string]);
  const missing = [...new Set(wanted.filter(([name, path]) => !existsSync(join(CACHE, name, path))).map(([name]) => name))];
  if (missing.length === 0 || !isDebian) return;
  process.stdout.write(`Fetching the nginx configurations of ${missing.length} Debian packages (once)\n`);
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'fetch-'));
  try {
    if (!apt(['download', '-o', 'APT::Sandbox::User=root', ...missing], folder))
      process.stdout.write('apt-get could not fetch all of them; the rest is skipped.\n');
    for (const deb of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
      const name = deb.slice(0, deb.indexOf('_'));
      unpack(
        join(folder, deb),
        name,
        wanted.flatMap(([of, path]) => (of === name ? path : [])),
        folder,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only the files we want ever leave the archive. */
function unpack(deb: string, name: string, paths: readonly string[], folder: string): void {
  const tree = join(folder, name);
  const unpacked = spawnSync('dpkg-deb', ['-x', deb, tree], { encoding: 'utf8' });
  if (unpacked.status !== 0) return;
  for (const path of paths.filter((one) => existsSync(join(tree, one)))) {
    mkdirSync(dirname(join(CACHE, name, path)), { recursive: true });
    renameSync(join(tree, path), join(CACHE, name, path));
  }
}
