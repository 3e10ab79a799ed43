import { isCauseId } from '@why403/decision';
import { Command } from 'commander';
import { Fault } from '@why403/terms/fault';
import { causes } from '../generated/causes.ts';

interface CausesOptions {
  readonly json?: true;
}

/** `why403 causes [ID]`: the catalog, or the page of one cause, without a network. */
export function causesVerb(done: (code: number) => void): Command {
  return new Command('causes')
    .description('list the causes that why403 knows, or explain one')
    .argument('[id]', 'a cause, such as nginx/deny-rule')
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, options: CausesOptions) => {
      if (id === undefined) list(options.json === true);
      else await explain(id);
      done(0);
    });
}

function list(asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(causes.map(({ id, layer, title }) => ({ id, layer, title })))}\n`);
    return;
  }
  const width = Math.max(...causes.map(({ id }) => id.length));
  for (const { id, title } of causes) process.stdout.write(`${id.padEnd(width)}  ${title}\n`);
}

async function explain(id: string): Promise<void> {
  const { docs } = await import('../generated/docs.ts');
  const page = isCauseId(id) ? docs.get(id) : undefined;
  if (page === undefined) {
    const [, noun = id] = id.split('/');
    const near = causes.filter((cause) => cause.id.includes(noun)).map((cause) => cause.id);
    throw new Fault('usage/value-invalid', `no cause is called ${id}`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'why403 causes lists them all.',
    });
  }
  process.stdout.write(`${page.trimEnd()}\n`);
}
