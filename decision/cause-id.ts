/** A failing noun under its house, such as `nginx/deny-rule`. Never renamed, never reused. */
export type CauseId = `${string}/${string}`;

const CAUSE_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Whether `text` has the form of a cause id; says nothing of whether the catalog holds it. */
export function isCauseId(text: string): text is CauseId {
  return CAUSE_ID.test(text);
}
