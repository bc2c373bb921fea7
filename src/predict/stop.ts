import { setTimeout } from 'node:timers/promises';
import { Interrupted } from '../errors.js';

/** How long (ms) a source that is asked for its next item is waited for, once nobody wants it any more. */
const PATIENCE = 100;

/** @throws Interrupted where the work shall stop */
export function checkStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Interrupted('Stopped while predicting');
}

/**
 * The items of a source, until it is stopped, though the source may not answer for long: then it is left to itself, and
 * closed when it goes on. Any other is closed at once. @throws Interrupted where it was stopped
 */
export async function* untilStopped<T>(
  items: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const close = async () => void (await source.return?.());
  let [isAsked, isDone] = [false, false];
  try {
    for (;;) {
      checkStopped(signal);
      isAsked = true;
      const { value, done } = await unlessStopped(Promise.resolve(source.next()), signal);
      isAsked = false;
      isDone = done === true;
      if (isDone) return;
      yield value as T;
    }
  } finally {
    const closed = isDone ? undefined : close().catch(() => {});
    await (isAsked && signal.aborted ? soon(closed) : closed);
  }
}

/** What was promised, or `Interrupted` at the moment of an abort. No promise is shared: what races with it would be held. */
async function unlessStopped<T>(promised: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Interrupted('Stopped while predicting'));
    if (signal.aborted) stop(); // by the source itself, as it was asked
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([promised, stopped]).finally(() => signal.removeEventListener('abort', stop));
}

/** Waits for work, but not for long. */
async function soon(work: Promise<unknown> | undefined): Promise<void> {
  const inTime = new AbortController();
  const { signal } = inTime;
  await Promise.race([work, setTimeout(PATIENCE, undefined, { signal }).catch(() => {})]);
  inTime.abort();
}
