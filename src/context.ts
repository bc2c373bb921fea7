import { setImmediate as othersTurn } from 'node:timers/promises';
import { Interrupted } from './errors.js';

/** What long work is handed down by whoever started it: when it shall stop, and to whom it speaks. */
export interface Context {
  /** Aborted where the work shall stop: it throws `Interrupted` at the next batch, and keeps what was computed. */
  readonly signal: AbortSignal;
  /** Something that people should know. */
  notice(text: string): void;
  /** Begins a part of the work: `total` things, named as in "windows through the encoder". It lasts until the next one. */
  phase(name: string, total: number): Reached;
}

/**
 * Tells that so many things of a phase are done; signals and other work have their turn. Where the work shall stop,
 * what is not kept yet is kept by `keep`. Until all are done, a stop waits for the next call; after that nothing may be
 * lost any more, for the program may end at any moment. @throws Interrupted where the work shall stop
 */
export type Reached = (done: number, keep?: () => Promise<void>) => Promise<void>;

export interface ContextOptions {
  signal?: AbortSignal;
  notice?: (text: string) => void;
  /** Shows how far a phase is. Without it nobody is told. */
  progress?: (name: string, done: number, total: number) => void;
}

/** A context of what a caller cares for: by itself it is silent, and nothing stops the work. */
export function createContext({
  signal = new AbortController().signal,
  notice = () => {},
  progress = () => {},
}: ContextOptions = {}): Context {
  return {
    signal,
    notice,
    phase(name, total) {
      if (signal.aborted) throw new Interrupted(`Stopped before the ${name}`);
      progress(name, 0, total);
      return async (done, keep) => {
        progress(name, done, total);
        await othersTurn();
        if (!signal.aborted) return;
        await keep?.();
        throw new Interrupted(`Stopped at ${done} of ${total} ${name}`);
      };
    },
  };
}
