import { readdirSync, readFileSync } from 'node:fs';
import { findSocketUnits, type SocketUnit } from '../model/socket-unit.ts';

/** Where systemd looks for units, first wins (systemd.unit(5)). */
const FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

function read<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}

/** The socket units that listen on a port. */
export function socketUnitsFor(port: number, folders: readonly string[] = FOLDERS): readonly SocketUnit[] {
  const texts = new Map<string, string>();
  for (const folder of folders) {
    for (const name of read(() => readdirSync(folder), [])) {
      if (name.endsWith('.socket') && !texts.has(name))
        texts.set(
          name,
          read(() => readFileSync(`${folder}/${name}`, 'utf8'), ''),
        );
    }
  }
  return findSocketUnits(texts, port);
}
