import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../errors.js';
import { isNative } from './native.js';

/** What somebody works with until it is closed, while the engine that it was opened on computes. */
export interface Opened {
  /**
   * Work with it, which nothing is freed under: closed meanwhile, it is freed after.
   * @throws UsageError in place of whatever comes of the work, where it was closed or another engine was started
   */
  use<T>(work: () => Promise<T>): Promise<T>;
  /** The same for what comes piece by piece. */
  useEach<T>(pieces: AsyncGenerator<T>): AsyncGenerator<T>;
  /** May be called again. */
  close(): void;
}

/**
 * @param what it is, in a sentence: 'model'
 * @param dispose frees its memory; called once
 * @param isOnEngine whether it computes on one
 */
export function opened(what: string, dispose: () => void, isOnEngine = true): Opened {
  const backend = tf.getBackend();
  const engine = isNative() ? 'native' : backend;
  let isOpen = true;
  let users = 0;
  const check = () => {
    if (!isOpen) throw new UsageError(`The ${what} was closed: open it again`);
    if (isOnEngine && tf.getBackend() !== backend)
      throw new UsageError(
        `The ${what} is on the engine ${engine}, and another one was started since: a process has one engine; open all with the same`,
      );
  };
  const use = async <T>(work: () => Promise<T>): Promise<T> => {
    check();
    users++;
    try {
      return await work();
    } finally {
      users--;
      if (!isOpen && users === 0) dispose();
      check();
    }
  };
  return {
    use,
    async *useEach(pieces) {
      try {
        for (;;) {
          const { value, done } = await use(() => pieces.next());
          if (done) return;
          yield value;
        }
      } finally {
        await pieces.return(undefined);
      }
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      if (users === 0) dispose();
    },
  };
}
