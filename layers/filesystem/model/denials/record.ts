/** `1364481363.243:24287` of `msg=audit(1364481363.243:24287)`. */
export function eventOf(line: string): string | null {
  return /audit\((\d+\.\d+:\d+)\)/.exec(line)?.[1] ?? null;
}

export function timeOf(line: string): number | null {
  const seconds = eventOf(line)?.split(':')[0];
  return seconds === undefined ? null : Math.round(Number(seconds) * 1000);
}

/** A field's value: quoted, or in hexadecimal when it holds blanks, quotes or control characters. */
export function fieldOf(line: string, name: string): string | null {
  const match = new RegExp(`(?:^|[\\s(])${name}=(?:"([^"]*)"|(\\S+))`).exec(line);
  if (match === null) return null;
  if (match[1] !== undefined) return match[1];
  const bare = match[2] ?? '';
  const encodes = name === 'name' || name === 'path' || name === 'comm' || name === 'profile';
  return encodes && /^(?:[0-9A-F]{2})+$/.test(bare) ? fromHex(bare) : bare;
}

function fromHex(hex: string): string {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new TextDecoder().decode(bytes);
}

export function numberField(line: string, name: string): number | null {
  const text = fieldOf(line, name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
