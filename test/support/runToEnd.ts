import type { Config } from '../../src/config/schema.js';
import { createContext, type Context } from '../../src/context.js';
import { Interrupted } from '../../src/errors.js';
import type { RunEvent, RunResult } from '../../src/run/events.js';
import { trainRun, type RunOptions } from '../../src/run/trainRun.js';

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
  let last: number | undefined;
  const stopped = stopAfter(config, options, until, (step) => (last = step));
  return stopped.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof Interrupted)) throw error;
      return last;
    },
  );
}

/** The same, but that being stopped is thrown. */
export function stopAfter(
  config: Config,
  options: RunOptions,
  until: number,
  onStep: (step: number) => void = () => {},
): Promise<RunResult> {
  const abort = new AbortController();
  return runToEnd(
    config,
    options,
    (event) => {
      if (event.kind !== 'step') return;
      onStep(event.progress.step);
      if (event.progress.step >= until) abort.abort();
    },
    createContext({ signal: abort.signal }),
  );
}
