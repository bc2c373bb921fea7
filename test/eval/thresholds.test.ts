import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  choicesOf,
  tuneThresholds,
  type LabelCandidates,
  type Objective,
} from '../../src/eval/thresholds.js';

const LEAST = 0.01;

/** Candidates whose edges are hundredths, so that thresholds in thousandths stand on both sides of each. */
const hundredth = fc.integer({ min: 1, max: 20 }).map((value) => value / 20);
const span = fc
  .tuple(hundredth, fc.oneof(fc.constant(-1), hundredth), fc.boolean())
  .map(([one, other, right]) => ({ above: Math.min(one, other), upTo: Math.max(one, other), right }))
  .filter(({ above, upTo }) => above < upTo);
const labels = fc
  .array(fc.tuple(fc.array(span, { maxLength: 6 }), fc.nat(3)), { minLength: 1, maxLength: 2 })
  .map((all) =>
    all.map(([spans, missed], i): LabelCandidates => {
      const gold = spans.filter(({ right }) => right).length + missed;
      return { label: 'AB'[i]!, spans, gold, threshold: 0.5 };
    }),
  );

/** What thresholds find, by looking at each span. */
function count(given: readonly LabelCandidates[], thresholds: Record<string, number>) {
  const found = given.flatMap(({ label, spans }) =>
    spans.filter(({ above, upTo }) => above < thresholds[label]! && thresholds[label]! <= upTo),
  );
  const right = found.filter((one) => one.right).length;
  const gold = given.reduce((sum, one) => sum + one.gold, 0);
  const precision = found.length === 0 ? 0 : right / found.length;
  const recall = gold === 0 ? 0 : right / gold;
  const f1 = right === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { found: found.length, right, gold, precision, recall, f1 };
}

/** Every pair of thresholds that can differ in what it finds. */
function everyThreshold(given: readonly LabelCandidates[]): Record<string, number>[] {
  const grid = Array.from({ length: 40 }, (_, i) => (i + 1) / 40);
  return given.reduce<Record<string, number>[]>(
    (all, { label }) => all.flatMap((one) => grid.map((threshold) => ({ ...one, [label]: threshold }))),
    [{}],
  );
}

describe('thresholds by label', () => {
  test('for the best F1 are as good as the best of all there are', () =>
    fc.assert(
      fc.property(labels, (given) => {
        const best = Math.max(...everyThreshold(given).map((one) => count(given, one).f1));
        const tuned = tuneThresholds(given, { kind: 'f1' }, LEAST);
        const counted = count(given, tuned.thresholds);
        expect(counted.f1).toBeCloseTo(best, 12);
        expect(counted).toMatchObject({ found: tuned.found, right: tuned.right });
      }),
      { numRuns: 60 },
    ));

  test('for the best precision at a recall are as good as the best that have it, or have the most', () =>
    fc.assert(
      fc.property(labels, fc.constantFrom(0.3, 0.5, 0.8, 1), (given, recall) => {
        const objective: Objective = { kind: 'precision', recall };
        const all = everyThreshold(given).map((one) => count(given, one));
        const enough = all.filter((one) => one.right >= recall * one.gold - 1e-9);
        const tuned = tuneThresholds(given, objective, LEAST);
        const counted = count(given, tuned.thresholds);
        expect(tuned.reached).toBe(enough.length > 0);
        if (enough.length === 0) expect(counted.right).toBe(Math.max(...all.map(({ right }) => right)));
        else {
          expect(counted.right).toBeGreaterThanOrEqual(recall * counted.gold - 1e-9);
          expect(counted.precision).toBeCloseTo(Math.max(...enough.map(({ precision }) => precision)), 12);
        }
      }),
      { numRuns: 60 },
    ));

  test('stay where others find the same, and stand between what they tell apart in few digits', () => {
    const spans = [
      { above: -1, upTo: 0.71234, right: true },
      { above: -1, upTo: 0.31, right: false },
    ];
    const label = { label: 'A', spans, gold: 1 };
    const of = (threshold: number) =>
      tuneThresholds([{ ...label, threshold }], { kind: 'f1' }, LEAST).thresholds;
    expect(of(0.5)).toEqual({ A: 0.5 });
    expect(of(0.3)).toEqual({ A: 0.51 });
  });

  test('are, of those that find as many and as many right, the nearest to those of now', () => {
    const [low, high] = [{ above: 0.2, upTo: 0.5, right: true }, { above: 0.6, upTo: 0.9, right: true }]; // prettier-ignore
    const of = (threshold: number, spans = [low, high]) =>
      tuneThresholds([{ label: 'A', spans, gold: 2, threshold }], { kind: 'f1' }, LEAST).thresholds;
    expect(of(0.3)).toEqual({ A: 0.3 });
    expect(of(0.8)).toEqual({ A: 0.8 });
    expect(of(0.19)).toEqual({ A: 0.35 });
    expect(of(0.95)).toEqual({ A: 0.75 });
  });

  test('have a recall that just so many spans come to, whatever the product is rounded to', () => {
    const spans = (count: number, upTo: number, right: boolean) =>
      Array.from({ length: count }, () => ({ above: -1, upTo, right }));
    for (const [gold, right] of [
      [100, 55],
      [100, 29],
      [50, 7],
      [3, 1],
    ] as const) {
      // prettier-ignore
      const label = { label: 'A', gold, threshold: 0.5,
        spans: [...spans(right, 0.9, true), ...spans(gold - right, 0.3, true), ...spans(9, 0.3, false)],
      };
      const tuned = tuneThresholds([label], { kind: 'precision', recall: right / gold }, LEAST);
      expect(tuned).toMatchObject({ found: right, right, reached: true });
    }
  });

  test('are listed with what each finds, from the surest on', () => {
    const spans = [
      { above: 0.25, upTo: 0.75, right: true },
      { above: -1, upTo: 0.25, right: false },
    ];
    expect(choicesOf({ spans, threshold: 0.5 }, LEAST)).toEqual([
      { threshold: 0.88, found: 0, right: 0 },
      { threshold: 0.5, found: 1, right: 1 },
      { threshold: 0.13, found: 1, right: 0 },
    ]);
  });
});
