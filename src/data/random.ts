import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { skipN } from 'pure-rand/utils/skipN';

/** A source of pseudorandom numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform among 0 … n - 1. */
  int(n: number): number;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Random numbers from a seed (an integer): xoroshiro128+. Like seeds give unlike sequences: the first outputs,
 * which show the seed, are skipped.
 */
export function randomFrom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a whole number, not ${seed}`);
  const generator = xoroshiro128plus(seed);
  skipN(generator, 64);
  return {
    next: () => uniformFloat64(generator),
    int(n) {
      if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`int(n) needs n of at least 1, not ${n}`);
      return uniformInt(generator, 0, n - 1);
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = uniformInt(generator, 0, i);
        [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
      }
      return shuffled;
    },
  };
}
