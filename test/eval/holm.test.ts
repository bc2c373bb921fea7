import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holm } from '../../src/eval/holm.js';

const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 });

/**
 * Holm is the closed test of Bonferroni's: a hypothesis falls when every set of hypotheses with it does, so
 * its corrected p is the greatest of |set| times the set's least p. Marcus, Peritz and Gabriel, 1976.
 */
function closedBonferroni(p: number[]): number[] {
  return p.map((_, i) => {
    const sets = Array.from({ length: 2 ** p.length }, (_, bits) => p.filter((_, j) => (bits >> j) & 1));
    const withIt = sets.filter((_, bits) => (bits >> i) & 1);
    return Math.max(...withIt.map((set) => Math.min(1, set.length * Math.min(...set))));
  });
}

describe('the correction by Holm', () => {
  test('is that of a worked example', () => {
    // en.wikipedia.org/wiki/Holm-Bonferroni_method, "Example": at .05 the fourth and the first are rejected
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [i, value] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[i]).toBeCloseTo(value, 12);
    expect(adjusted.map((p) => p <= 0.05)).toEqual([true, false, false, true]);
  });

  test("is the closed test of Bonferroni's", () => {
    fc.assert(
      fc.property(values, (p) => {
        const expected = closedBonferroni(p);
        for (const [i, value] of holm(p).entries()) expect(value).toBeCloseTo(expected[i]!, 12);
      }),
    );
  });

  test('keeps the order, and lies between p and Bonferroni', () => {
    fc.assert(
      fc.property(values, (p) => {
        const adjusted = holm(p);
        for (const [i, a] of p.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(a);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p.length * a) + 1e-15);
          for (const [j, b] of p.entries()) if (a < b) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        }
      }),
    );
  });

  test('leaves a single test as it is, and none', () => {
    expect(holm([0.2])).toEqual([0.2]);
    expect(holm([])).toEqual([]);
  });
});
