import { INTERRUPTED } from '../errors.js';

/** What people and clusters send to stop a program: Ctrl-C, kill, a terminal that was closed. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the program at a stop where nobody else hears it: there is nothing to keep. */
export function endUnlessHeard(): void {
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(INTERRUPTED);
    });
}
