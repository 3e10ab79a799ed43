import { type Diagnosis, type Errand, isRefusalStatus, type portsFor } from '@why403/doctor';
import { terminalLine } from '@why403/terms/terminal-text';

/** Does the fix and says what came of it; null when there is nothing to do. */
export async function applyFix({ fix, visited }: Diagnosis, errand: Errand, ports: ReturnType<typeof portsFor>): Promise<number | null> {
  const visit = visited[0]?.visit;
  const tell = (text: string): void => void process.stderr.write(`${terminalLine(text)}\n`);
  if (visit === undefined || fix === null) {
    tell('There is no fix that could be applied.');
    return null;
  }
  if (fix.proof.status === 'refuted') {
    tell('The fix did not help on the private copy, so nothing was changed.');
    return null;
  }
  const ask = async (): Promise<number | null> => {
    const { addresses } = await ports.resolve(errand.question);
    if (addresses.length === 0 || errand.unsent !== null) return null;
    const sent = await ports.send(errand.question, addresses);
    return sent.state === 'answered' ? sent.exchange.status : null;
  };
  const applied = await visit.apply(fix.steps, ask, fix.proof.after);
  tell(applied.says);
  for (const backup of applied.backups) tell(`Backup: ${backup}`);
  if (applied.status !== 'applied') return 1;
  const status = await ask();
  return status !== null && isRefusalStatus(status) ? 1 : 0;
}
