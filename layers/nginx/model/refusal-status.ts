/**
 * Statuses by which nginx refuses: 401, 403 and their neighbors (RFC 9110, RFC 4918, RFC 6585, RFC 7725), its own
 * 495 to 497 for a client certificate and for plain HTTP to a TLS port, the 400 that these are sent as, and 444,
 * which closes the connection without an answer.
 */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 407, 421, 423, 426, 429, 444, 451, 495, 496, 497]);

/** Whether a status refuses; every other one from 400 on is a failure. */
export function isRefusal(status: number): boolean {
  return REFUSALS.has(status);
}
