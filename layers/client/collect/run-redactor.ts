import { createHmac, randomBytes } from 'node:crypto';
import { createRedactor, type Redactor } from '@why403/terms/redaction';

/** A redactor whose tags mean nothing outside this run (or this bundle): its key is random and kept nowhere. */
export function createRunRedactor(): Redactor {
  const key = randomBytes(32);
  return createRedactor((text) => createHmac('sha256', key).update(text).digest('hex'));
}
