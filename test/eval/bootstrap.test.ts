import { beforeAll, describe, expect, test } from '@jest/globals';
import { drawResamples, percentileInterval, resampledMeans } from '../../src/eval/bootstrap.js';
import { countsAt, sumDocuments } from '../../src/eval/documentCounts.js';
import { ratiosOf } from '../../src/eval/scores.js';
import { countsFrom, drawnCounts } from '../support/counts.js';
import { fixtureJson } from '../support/fixtures.js';

const scipy = fixtureJson('statistics.json') as {
  level: number;
  systems: Record<'a' | 'b', number[][][][]>;
  intervals: Record<'a' | 'b', Record<'precision' | 'recall' | 'f1', [number, number]>[]>;
  differences: [number, number][];
};
const runsOf = (name: 'a' | 'b') => scipy.systems[name].map(countsFrom);

describe('the bootstrap over documents', () => {
  const drawn = drawResamples(12, 50_000, 1);
  let means: Record<'a' | 'b', Awaited<ReturnType<typeof resampledMeans>>>;
  beforeAll(async () => {
    means = { a: await resampledMeans(runsOf('a'), drawn), b: await resampledMeans(runsOf('b'), drawn) };
  });

  test("has SciPy's percentile intervals of the mean over runs", () => {
    for (const name of ['a', 'b'] as const)
      for (const [row, ratios] of scipy.intervals[name].entries())
        for (const ratio of ['precision', 'recall', 'f1'] as const)
          for (const [i, end] of percentileInterval(means[name][row]![ratio], scipy.level).entries())
            expect(Math.abs(end - ratios[ratio][i]!)).toBeLessThan(0.004); // both are drawn
  });

  test("has SciPy's intervals of a difference on the same documents", () => {
    for (const [row, ends] of scipy.differences.entries()) {
      const differences = means.b[row]!.f1.map((value, i) => value - means.a[row]!.f1[i]!);
      for (const [i, end] of percentileInterval(differences, scipy.level).entries())
        expect(Math.abs(end - ends[i]!)).toBeLessThan(0.004);
    }
  });

  test('scores each run by itself, and takes their mean, as it is reported', async () => {
    const { times } = drawResamples(12, 3, 5);
    const [, , resample] = [0, 1, 2].map((i) => times.subarray(i * 12, (i + 1) * 12));
    const f1 = runsOf('a').map((run) => ratiosOf(countsAt(sumDocuments(run, resample!), 1)).f1);
    const [, found] = await resampledMeans(runsOf('a'), drawResamples(12, 3, 5));
    expect(found!.f1[2]).toBe((f1[0]! + f1[1]! + f1[2]!) / 3);
  });

  test('holds the score itself, whatever the counts', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const run = drawnCounts(seed, { skill: seed * 3 });
      const whole = sumDocuments(run);
      const resampled = await resampledMeans([run], drawResamples(20, 400, seed));
      for (const [row, values] of resampled.entries()) {
        const [low, high] = percentileInterval(values.f1, 0.95);
        const { f1 } = ratiosOf(countsAt(whole, row));
        expect(low).toBeLessThanOrEqual(f1);
        expect(high).toBeGreaterThanOrEqual(f1);
      }
    }
  });

  test('is the score alone where there is one document', async () => {
    const [values] = await resampledMeans([countsFrom([[[3, 1, 2]]])], drawResamples(1, 10, 1));
    expect(percentileInterval(values!.recall, 0.95)).toEqual([0.6, 0.6]);
  });

  test('draws as many documents as there are, the same for a seed', () => {
    const { times } = drawResamples(9, 40, 3);
    for (let i = 0; i < 40; i++)
      expect(times.subarray(i * 9, (i + 1) * 9).reduce((sum, n) => sum + n, 0)).toBe(9);
    expect(drawResamples(9, 40, 3).times).toEqual(times);
    expect(drawResamples(9, 40, 4).times).not.toEqual(times);
  });
});

test("quantiles lie between values as NumPy's do", () => {
  // numpy.quantile([1, 2, 4, 8, 16], [0.025, 0.975])
  const [low, high] = percentileInterval(Float64Array.of(8, 1, 16, 4, 2), 0.95);
  expect(low).toBeCloseTo(1.1, 12);
  expect(high).toBeCloseTo(15.2, 12);
});
