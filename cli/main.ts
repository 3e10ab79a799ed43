import { VERSION } from './version.ts';

async function main(): Promise<void> {
  const { run } = await import('./program.ts');
  process.exitCode = await run(process.argv.slice(2));
}

// Asked often and by scripts: answered before anything else is loaded.
if (process.argv[2] === '--version' || process.argv[2] === '-V') {
  process.stdout.write(`why403 ${VERSION}\n`);
} else {
  void main();
}
