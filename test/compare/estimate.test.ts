import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ComparedScores } from '../../src/compare/comparison.js';
import { estimateVariants } from '../../src/compare/estimate.js';
import { createContext } from '../../src/context.js';
import { drawResamples, percentileInterval, resampledMeans } from '../../src/eval/bootstrap.js';
import { drawExchanges, randomisationTest } from '../../src/eval/randomisation.js';
import { drawnCounts } from '../support/counts.js';

const options = { baseline: 1, resamples: 60, permutations: 999, seed: 4 };
/** Variants of different skill and numbers of runs; the second is what the others are held against. */
const counts = [
  [drawnCounts(1, { skill: 80 }), drawnCounts(2, { skill: 86 })],
  [drawnCounts(3, { skill: 60 })],
  [drawnCounts(4, { skill: 68 }), drawnCounts(5, { skill: 72 }), drawnCounts(6, { skill: 76 })],
  [drawnCounts(7, { skill: 35 })],
];
const others = [0, 2, 3];

describe('variants held against the second of four', () => {
  let found: ComparedScores[][];
  let seen: string[];
  beforeAll(async () => {
    seen = [];
    const progress = (name: string, done: number, total: number) => void seen.push(`${name} ${done}/${total}`); // prettier-ignore
    found = await estimateVariants(counts, options, createContext({ progress }));
  });

  test('have the difference to it in every row, and its interval over the same resamples', async () => {
    const drawn = drawResamples(20, options.resamples, options.seed);
    const means = await Promise.all(counts.map((runs) => resampledMeans(runs, drawn)));
    expect(found[1]!.map(({ difference }) => difference)).toEqual([undefined, undefined, undefined]);
    for (const variant of others)
      for (const [row, { f1, difference }] of found[variant]!.entries()) {
        expect(difference!.f1).toBeCloseTo(f1.mean - found[1]![row]!.f1.mean, 12);
        const values = means[variant]![row]!.f1.map((value, i) => value - means[1]![row]!.f1[i]!);
        expect(difference!.interval).toEqual(percentileInterval(values, 0.95));
      }
  });

  test('have p-values that are corrected over the tests of all variants and rows together', async () => {
    const drawn = drawExchanges(20, options.permutations, options.seed);
    const tests: { value: number; p: number; adjusted: number }[] = [];
    for (const variant of others) {
      const p = await randomisationTest(counts[variant]!, counts[1]!, drawn);
      p.forEach((value, row) => tests.push({ value, ...found[variant]![row]!.difference! }));
    }
    expect(tests).toHaveLength(9);
    for (const { value, p, adjusted } of tests) {
      expect(p).toBe(value);
      // Holm by its definition: the greatest, of those that are no greater, of p times how many are as great.
      const no = tests.filter((other) => other.value <= value);
      const steps = no.map((one) => one.value * tests.filter((other) => other.value >= one.value).length);
      expect(adjusted).toBeCloseTo(Math.min(1, Math.max(...steps)), 12);
    }
    expect(new Set(tests.map(({ adjusted }) => adjusted)).size).toBeGreaterThan(3);
  });

  test('tell how far they are among all resamples, and among the exchanges of all but one', () => {
    expect(seen.filter((text) => text.startsWith('resamples')).at(-1)).toBe('resamples 240/240');
    expect(seen.filter((text) => text.startsWith('exchanges')).at(-1)).toBe('exchanges 2997/2997');
    const done = seen.map((text) => Number(/ (\d+)\//.exec(text)![1]));
    const fresh = seen.findIndex((text) => text.startsWith('exchanges'));
    for (const part of [done.slice(0, fresh), done.slice(fresh)])
      expect(part).toEqual([...part].sort((a, b) => a - b));
  });
});
