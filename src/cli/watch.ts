import { createContext, type Context } from '../context.js';
import { Interrupted, INTERRUPTED } from '../errors.js';
import { countProgress, type CountProgress } from './countProgress.js';
import type { Output } from './output.js';
import { SIGNALS } from './signals.js';

export interface WatchOptions {
  /** What the user does to go on after a stop. */
  goOn: string;
  /** Phases that will come, in order. */
  phases?: readonly string[];
  /** Phases that the command shows in a way of its own, which stops where something else is to be said. */
  shown?: Readonly<Record<string, Pick<CountProgress, 'stop'>>>;
}

/** Milliseconds until a stop ends what has no batches: reading, say. It can be killed at any moment. */
const GRACE = 1000;

/**
 * Runs a command's work under the eyes of a person: progress of its phases on stderr; Ctrl-C, SIGTERM or SIGHUP stops
 * it at the next batch, a second Ctrl-C at once. Returns nothing where it was stopped: then the exit status is 130.
 */
export async function watch<T>(
  output: Output,
  { goOn, phases = [], shown = {} }: WatchOptions,
  work: (context: Context) => Promise<T>,
): Promise<T | undefined> {
  const abort = new AbortController();
  let phase: { name: string; isDone: boolean; show: Partial<CountProgress> } | undefined;
  let grace: NodeJS.Timeout | undefined;
  const context = createContext({
    signal: abort.signal,
    notice(text) {
      phase?.show.stop?.();
      output.notice(text);
    },
    progress(name, done, total) {
      if (phase?.name !== name) {
        phase?.show.stop?.();
        const show = shown[name] ?? countProgress(output, name, following(name, phases));
        phase = { name, show, isDone: false };
      }
      phase.isDone = done >= total;
      phase.show.update?.(done, total);
    },
  });
  const stop = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted && signal === 'SIGINT') {
      phase?.show.stop?.(); // it hides the cursor
      process.exit(INTERRUPTED);
    }
    if (abort.signal.aborted) return; // a cluster sends it to the whole tree, and more than once
    context.notice('Stopping at the next batch (Ctrl-C again: at once)…');
    abort.abort();
    grace = setInterval(() => {
      if (phase && !phase.isDone) return; // its batch comes to an end
      context.notice(goOn);
      process.exit(INTERRUPTED);
    }, GRACE).unref();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(context);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    context.notice(`${error.message}. ${goOn}`);
    process.exitCode = INTERRUPTED;
    return undefined;
  } finally {
    phase?.show.stop?.();
    clearInterval(grace);
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** "then training and evaluation" */
function following(name: string, phases: readonly string[]): string {
  const rest = phases.includes(name) ? phases.slice(phases.indexOf(name) + 1) : [];
  if (rest.length === 0) return '';
  return `then ${[rest.slice(0, -1).join(', '), rest.at(-1)].filter(Boolean).join(' and ')}`;
}
