/** What ngx_escape_uri escapes with NGX_ESCAPE_URI. */
const SPECIAL = /[\u0000-\u0020"#%<>?\\^`{|}\u007f-\u00ff]/g;

/** A path as nginx writes it into a Location. */
export function escapeUri(bytes: string): string {
  return bytes.replace(SPECIAL, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
