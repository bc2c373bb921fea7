import { AsyncLocalStorage } from 'node:async_hooks';

/** Of matrix products; weights, statistics and all other ops are float32 in either case. */
export type Precision = 'float32' | 'bfloat16';

const scope = new AsyncLocalStorage<Precision>();

/** Runs work whose products, also those after an `await` in it, are in a precision; other work beside it keeps its own. */
export function inPrecision<T>(precision: Precision, work: () => T): T {
  return scope.run(precision, work);
}

/** The same for what comes piece by piece: whoever takes the pieces computes in a precision of their own. */
export async function* eachInPrecision<T, R>(
  precision: Precision,
  pieces: AsyncGenerator<T, R, void>,
): AsyncGenerator<T, R, void> {
  let isDone = false;
  try {
    for (;;) {
      const next = await inPrecision(precision, () => pieces.next());
      isDone = next.done === true;
      if (next.done) return next.value;
      yield next.value;
    }
  } finally {
    if (!isDone) await inPrecision(precision, () => pieces.return(undefined as R));
  }
}

/** That of the work at hand; float32 where none was asked for. */
export function precisionNow(): Precision {
  return scope.getStore() ?? 'float32';
}
