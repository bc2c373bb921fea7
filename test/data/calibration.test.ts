import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calibratedSpans, sharesOf, type Calibration } from '../../src/data/calibration.js';

test('shares are those of exp(score), however large and small the scores are', () => {
  const score = fc.double({ min: -8, max: 8, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(score, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(0, 1e4, -1e4),
      (scores, by) => {
        const total = scores.reduce((sum, one) => sum + Math.exp(one), 0);
        const shares = sharesOf(scores.map((one) => one + by));
        shares.forEach((share, i) => expect(share).toBeCloseTo(Math.exp(scores[i]!) / total, 9));
      },
    ),
  );
  expect(sharesOf([])).toEqual([]);
});

test('a label that is called as what all objects have is calibrated by its own calibration alone', () => {
  const span = { label: 'constructor', start: 0, end: 4, score: 0.75 };
  const spans = { ner: [span, { ...span, label: 'A' }] };
  const own: Calibration = [[0.5, 0.25]];
  expect(calibratedSpans(spans, { A: own }).ner!.map(({ score }) => score)).toEqual([0.75, 0.25]);
  expect(calibratedSpans(spans, { constructor: own }).ner!.map(({ score }) => score)).toEqual([0.25, 0.75]); // prettier-ignore
});
