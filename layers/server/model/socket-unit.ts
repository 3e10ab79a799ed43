/** A systemd socket unit and the service that it starts. */
export interface SocketUnit {
  readonly name: string;
  readonly service: string;
  /** One process for each connection (`Accept=yes`). */
  readonly isPerConnection: boolean;
}

function valuesOf(text: string, key: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\\s*${key}\\s*=\\s*(.*?)\\s*$`, 'gm'))].map((match) => match[1] ?? '');
}

/** Which of the units (name to text) listen on a TCP port: `ListenStream=80`, `0.0.0.0:80`, `[::]:80` (systemd.socket(5)). */
export function findSocketUnits(units: ReadonlyMap<string, string>, port: number): readonly SocketUnit[] {
  return [...units].flatMap(([name, text]) => {
    const isMeant = valuesOf(text, 'ListenStream').some((value) => value === String(port) || value.endsWith(`:${port}`));
    if (!isMeant) return [];
    const isPerConnection = /^(?:1|yes|true|on)$/i.test(valuesOf(text, 'Accept').at(-1) ?? '');
    const own = `${name.slice(0, -'.socket'.length)}${isPerConnection ? '@' : ''}.service`;
    return [{ name, service: valuesOf(text, 'Service').at(-1) ?? own, isPerConnection }];
  });
}
