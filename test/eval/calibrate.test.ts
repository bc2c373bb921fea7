import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calibrated } from '../../src/data/calibration.js';
import { calibrate, canCalibrate, crossCalibrated } from '../../src/eval/calibrate.js';
import { reliabilityOf } from '../../src/eval/reliability.js';
import { fixtureJson } from '../support/fixtures.js';

interface Case {
  scores: number[];
  right: boolean[];
  temperature: number;
  scaled: number[];
  isotonic: number[];
  bins: { count: number; score: number; right: number; interval: [number, number] }[];
  error: number;
}

const { others, cases } = fixtureJson('calibration.json') as {
  others: number[];
  cases: Record<string, Case>;
};
const scoredOf = ({ scores, right }: Case) => scores.map((score, i) => ({ score, right: right[i]! }));

describe.each(Object.entries(cases))('what scikit-learn has for scores that are %s', (_, expected) => {
  const scored = scoredOf(expected);

  test('is the temperature, and what it makes of scores', () => {
    const temperature = calibrate(scored, 'temperature') as number;
    expect(temperature / expected.temperature).toBeCloseTo(1, 4);
    others.forEach((score, i) => expect(calibrated(score, temperature)).toBeCloseTo(expected.scaled[i]!, 4));
  });

  test('is the curve that only rises', () => {
    const curve = calibrate(scored, 'isotonic');
    others.forEach((score, i) => expect(calibrated(score, curve)).toBeCloseTo(expected.isotonic[i]!, 5));
  });

  test('are the bins, and the expected calibration error', () => {
    const { bins, error, count } = reliabilityOf(scored);
    expect(count).toBe(scored.length);
    expect(error).toBeCloseTo(expected.error, 12);
    expect(bins).toHaveLength(expected.bins.length);
    bins.forEach(({ interval, ...bin }, i) => {
      const { interval: wilson, ...others } = expected.bins[i]!;
      expect(bin.count).toBe(others.count);
      expect(bin.score).toBeCloseTo(others.score, 12);
      expect(bin.right).toBeCloseTo(others.right, 12);
      interval.forEach((bound, j) => expect(bound).toBeCloseTo(wilson[j]!, 9));
    });
  });
});

describe('calibrated scores', () => {
  const scored = fc
    .array(fc.tuple(fc.nat(1000), fc.boolean()), { minLength: 2, maxLength: 60 })
    .map((all) => all.map(([thousandths, right]) => ({ score: thousandths / 1000, right })));

  test.each(['temperature', 'isotonic'] as const)('keep their order, from 0 to 1: %s', (method) =>
    fc.assert(
      fc.property(scored, (given) => {
        const calibration = calibrate(given, method);
        const scores = given.map(({ score }) => score).sort((a, b) => a - b);
        const made = scores.map((score) => calibrated(score, calibration));
        for (const [i, score] of made.entries()) {
          expect(score).toBeGreaterThanOrEqual(Math.max(0, (made[i - 1] ?? 0) - 1e-12));
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    ),
  );

  test('of a curve are never more than 1 by a rounding', () =>
    expect(calibrated(0.733, [[0.678, 0.2], [0.733, 1]])).toBe(1)); // prettier-ignore

  test('of a curve are right as often as they say on what it was made of', () =>
    fc.assert(
      fc.property(scored, (given) => {
        const curve = calibrate(given, 'isotonic');
        const sum = given.reduce((all, { score }) => all + calibrated(score, curve), 0);
        expect(sum).toBeCloseTo(given.filter(({ right }) => right).length, 2);
      }),
    ));

  test('come of parts that never saw them', () => {
    const all = Array.from({ length: 12 }, (_, i) => ({ score: i / 12, right: i % 2 === 0, part: i % 3 }));
    const seen: number[][] = [];
    const made = crossCalibrated(all, { parts: 3, part: ({ part }) => part }, (others) => {
      seen.push([...new Set(others.map(({ part }) => part))]);
      return [[0.5, seen.length / 10]];
    });
    expect(seen).toEqual([[1, 2], [0, 2], [0, 1]]); // prettier-ignore
    expect(made.map(({ score, part }) => score - (part + 1) / 10)).toEqual(all.map(() => 0));
  });

  test('need ten that are right, and ten that are wrong', () => {
    const some = (right: number, wrong: number) =>
      [...Array(right).fill(true), ...Array(wrong).fill(false)].map((one: boolean) => ({
        score: 0.5,
        right: one,
      }));
    expect([some(10, 10), some(9, 90), some(90, 9)].map(canCalibrate)).toEqual([true, false, false]);
  });
});
