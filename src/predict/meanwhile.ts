/**
 * The same items, but that each is asked for before the one before it is taken: it is read and made while that one
 * is worked on, as often as the work lets the event loop turn. One more than is wanted may be taken from `items`.
 * @param begin makes the items; its signal is aborted with `signal`, and where nobody takes any more of them
 */
export async function* oneAhead<T>(
  begin: (stopped: AbortSignal) => AsyncGenerator<T>,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  const end = new AbortController();
  const stop = () => end.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const items = begin(end.signal);
  let next = items.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = items.next();
      next.catch(() => {}); // thrown when its turn has come
      yield value;
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', stop);
    await items.return(undefined).catch(() => {});
  }
}

/** Work that goes on by itself, at most `limit` pieces at once. The first error is thrown where it is waited for. */
export function meanwhile(limit: number): {
  start(work: () => Promise<void>): Promise<void>;
  end(): Promise<void>;
} {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const check = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    async start(work) {
      while (running.size >= limit) await Promise.race(running);
      check();
      const piece: Promise<void> = work()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(piece));
      running.add(piece);
    },
    async end() {
      await Promise.all(running);
      check();
    },
  };
}

/**
 * One round of work for all who ask for it: who asks while a round is under way waits for the next one, so that all that
 * was done before is in it. After a round that failed all fail.
 */
export function inRounds(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () =>
    (next ??= last =
      last.then(() => {
        next = undefined;
        return work();
      }));
}
