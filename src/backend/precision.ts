import { AsyncLocalStorage } from 'node:async_hooks';

/** Of matrix products; weights, statistics and all other ops are float32 in either case. */
export type Precision = 'float32' | 'bfloat16';

/** How work is computed, as `backend` of a config says. */
export interface Way {
  precision: Precision;
  /** Whether steps that come often may run as single calls (see `compilerHere`). */
  compile: boolean;
}

const USUAL: Way = { precision: 'float32', compile: true };
const scope = new AsyncLocalStorage<Way>();

/** Runs work, also what comes after an `await` in it, in a way; other work beside it keeps its own. */
export function inWay<T>({ precision, compile }: Way, work: () => T): T {
  return scope.run({ precision, compile }, work);
}

/** The same for what comes piece by piece: whoever takes the pieces computes in a way of their own. */
export async function* eachInWay<T, R>(
  way: Way,
  pieces: AsyncGenerator<T, R, void>,
): AsyncGenerator<T, R, void> {
  let isDone = false;
  try {
    for (;;) {
      const next = await inWay(way, () => pieces.next());
      isDone = next.done === true;
      if (next.done) return next.value;
      yield next.value;
    }
  } finally {
    if (!isDone) await inWay(way, () => pieces.return(undefined as R));
  }
}

/** Runs work whose products are in a precision, else in the way of the work at hand. */
export function inPrecision<T>(precision: Precision, work: () => T): T {
  return inWay({ ...wayNow(), precision }, work);
}

/** That of the work at hand; float32 and compiled where none was asked for. */
export function wayNow(): Way {
  return scope.getStore() ?? USUAL;
}

export function precisionNow(): Precision {
  return wayNow().precision;
}
