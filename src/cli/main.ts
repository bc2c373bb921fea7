import { reportError } from './errors.js';
import { runProgram } from './program.js';
import { endUnlessHeard } from './signals.js';

/** The program `meddoprof`: sets the process's exit status. Ctrl-C ends it with 130 unless a command handles that. */
export async function main(args: string[]): Promise<void> {
  watchPipes();
  endUnlessHeard();
  process.exitCode = await runProgram(args);
}

/** `meddoprof … | head` is no error: once nobody reads the result, the program ends. A full disk is one. */
function watchPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : reportError(error));
  });
  process.stderr.on('error', () => {});
}
