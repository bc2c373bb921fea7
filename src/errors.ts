/**
 * A mistake in what the program was given: its message is for people, one sentence that names the file
 * (and line), what is wrong and what to do. The command line prints it without a stack trace.
 */
export class InputError extends Error {
  override readonly name: string = 'InputError';
  /** The process's exit status: 1 for data and files. */
  readonly exitCode: number = 1;
}

/** A mistake in the command line or in a config file: exit status 2. */
export class UsageError extends InputError {
  override readonly name = 'UsageError';
  override readonly exitCode = 2;
}

/** Exit status of what Ctrl-C or SIGTERM has stopped, with all that is needed to go on. */
export const INTERRUPTED = 130;

/** The work was stopped from outside; what was computed is kept, and the same call goes on from it. */
export class Interrupted extends InputError {
  override readonly name = 'Interrupted';
  override readonly exitCode = INTERRUPTED;
}
