import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { steadyThresholds, type TuningDocument } from '../../src/eval/steadyThresholds.js';

const LEAST = 0.01;

/** A document with one label's candidates, found up to their scores. */
function document(...scored: [score: number, right: boolean][]): TuningDocument {
  return { spans: [scored.map(([upTo, right]) => ({ above: -1, upTo, right }))], gold: [1] };
}
const times = (count: number, one: TuningDocument) => Array.from({ length: count }, () => one);
const steady = (documents: TuningDocument[], best: number, f1: number, now = 0.5) =>
  steadyThresholds({ labels: ['A'], thresholds: [now], documents }, { thresholds: [best], f1 }, LEAST)[0]!;

describe('steady thresholds', () => {
  test('stay where one document alone speaks for others', () => {
    const documents = [...times(20, document([0.9, true])), document([0.6, false])];
    expect(steady(documents, 0.75, 1)).toBe(0.5);
  });

  test('move where many documents do, as far as they must', () => {
    const documents = [
      ...times(20, document([0.9, true], [0.6, false])),
      ...times(1, document([0.7, false])),
    ];
    expect(steady(documents, 0.8, 0.9)).toBe(0.65); // beyond .6, not beyond .7
  });

  test('are never worse than the best by more than the standard error, and none nearer is as good', () =>
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.integer({ min: 1, max: 19 }), fc.boolean()), { maxLength: 4 }), {
          minLength: 2,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 20 }),
        (all, best) => {
          const f1 = 0.6;
          const documents = all.map((spans) =>
            document(...spans.map(([score, right]): [number, boolean] => [score / 20, right])),
          );
          const worth = (spans: (typeof all)[number], threshold: number) =>
            spans
              .filter(([score]) => threshold <= score / 20)
              .reduce((sum, [, right]) => sum + (right ? 1 : 0) - f1 / 2, 0);
          const isGood = (threshold: number) => {
            const lacks = all.map((spans) => worth(spans, best / 20 - 0.01) - worth(spans, threshold));
            const mean = lacks.reduce((sum, one) => sum + one, 0) / lacks.length;
            const variance = lacks.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (lacks.length - 1);
            return mean <= Math.sqrt(variance / lacks.length) + 1e-9;
          };
          const chosen = steady(documents, best / 20 - 0.01, f1);
          expect(isGood(chosen)).toBe(true);
          const found = (threshold: number) => all.flat().filter(([score]) => threshold <= score / 20).length;
          const nearer = Array.from({ length: 100 }, (_, i) => i / 100 + 0.005).filter(
            (threshold) =>
              (threshold - 0.5) * (chosen - 0.5) > 0 &&
              Math.abs(threshold - 0.5) < Math.abs(chosen - 0.5) &&
              found(threshold) !== found(chosen),
          );
          expect(nearer.filter(isGood)).toEqual([]);
        },
      ),
      { numRuns: 200 },
    ));
});
