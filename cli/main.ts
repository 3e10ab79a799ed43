import { VERSION } from './version.ts';

async function main(): Promise<void> {
  const { run } = await import('./program.ts');
  process.exitCode = await run(process.argv.slice(2));
}

// Whoever reads our output may stop early, as `head` does. Nothing is ended for that: a fix may be being applied.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Asked often and by scripts: answered before anything else is loaded.
if (process.argv[2] === '--version' || process.argv[2] === '-V') {
  process.stdout.write(`why403 ${VERSION}\n`);
} else {
  void main();
}
