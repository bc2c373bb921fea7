import { setImmediate as othersTurn } from 'node:timers/promises';
import { Interrupted } from './errors.js';

/** What long work is handed down by whoever started it: when it shall stop, and to whom it speaks. */
export interface Context {
  /** Aborted where the work shall stop: it throws `Interrupted` at the next batch, and keeps what was computed. */
  readonly signal: AbortSignal;
  /**
   * Tells people something.
   * @param text a sentence
   */
  notice(text: string): void;
  /**
   * Begins a part of the work, which lasts until the next one. Returns what is told how far it is.
   * @param name of its things: "windows through the encoder"
   * @param total how many there are
   */
  phase(name: string, total: number): Reached;
}

/**
 * Tells that so many things of a phase are done; signals and other work have their turn. Where the work shall stop,
 * what is not kept yet is kept by `keep`. Until all are done, a stop waits for the next call; after that nothing may be
 * lost any more, for the program may end at any moment.
 * @param done how many things of the phase
 * @param keep keeps what is not kept yet
 * @throws Interrupted where the work shall stop
 */
export type Reached = (done: number, keep?: () => Promise<void>) => Promise<void>;

/** What a caller cares for of long work; nothing of it is needed. */
export interface ContextOptions {
  /** Stops the work at its next batch, with `Interrupted`. */
  signal?: AbortSignal;
  /**
   * Told what people should know.
   * @param text a sentence
   */
  notice?: (text: string) => void;
  /**
   * Shows how far a phase is. Without it nobody is told.
   * @param name of the phase's things: "windows through the encoder"
   * @param done how many are done
   * @param total of how many
   */
  progress?: (name: string, done: number, total: number) => void;
}

/**
 * A context of what a caller cares for: by itself it is silent, and nothing stops the work.
 * @param options what that is
 */
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
