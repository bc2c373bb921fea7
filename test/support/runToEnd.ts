import type { Config } from '../../src/config/schema.js';
import { createContext, type Context } from '../../src/context.js';
import { Interrupted } from '../../src/errors.js';
import { trainRun, type RunEvent, type RunOptions, type RunResult } from '../../src/run/trainRun.js';

/** Runs a training to its end; `onEvent` sees what happens. */
export async function runToEnd(
  config: Config,
  options: RunOptions,
  onEvent: (event: RunEvent) => void = () => {},
  context: Context = createContext(),
): Promise<RunResult> {
  for await (const event of trainRun(config, options, context)) {
    onEvent(event);
    if (event.kind === 'end') return event.result;
  }
  throw new Error('the run has no end');
}

/** Runs until step `until` and stops there, as Ctrl-C does. Returns how far it came. */
export async function runUntil(
  config: Config,
  options: RunOptions,
  until: number,
): Promise<number | undefined> {
  const abort = new AbortController();
  let last: number | undefined;
  const stopped = runToEnd(
    config,
    options,
    (event) => {
      if (event.kind !== 'step') return;
      last = event.progress.step;
      if (last >= until) abort.abort();
    },
    createContext({ signal: abort.signal }),
  );
  return stopped.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof Interrupted)) throw error;
      return last;
    },
  );
}
