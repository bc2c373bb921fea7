import { expect, test } from '@jest/globals';
import type { LoggedLine } from '../../src/formats/metrics.js';
import { learningOf } from '../../src/report/learning.js';
import { tinyConfig } from '../support/tinyRun.js';

type Line<Kind> = Extract<LoggedLine, { kind: Kind }>;

const at = (step: number, epoch: number) => ({ step, epoch, seconds: 1 });
const step = (number: number, epoch: number, rate: number): Line<'step'> => {
  return { kind: 'step', ...at(number, epoch), rate, loss: 1, gradientNorm: 1, tokens: {} };
};
const end = (number: number, epoch: number): Line<'epoch'> => {
  return { kind: 'epoch', ...at(number, epoch), isBest: true, tasks: {}, words: {} };
};
const logged = {
  steps: [step(2, 0, 9e-4), step(4, 0, 7e-4), step(6, 1, 5e-4), step(8, 1, 3e-4)],
  epochs: [end(4, 0), end(8, 1)],
};

test.each([
  ['the one that is planned, where it falls from epoch to epoch', 'epochs', [1e-3, 7.5e-4]],
  ['the last one of it, where it falls with every step', 'linear', [7e-4, 3e-4]],
])("a report's rate of an epoch is %s", (_, rateDecay, rates) => {
  const config = tinyConfig({ data: { corpus: 'none' }, training: { rateDecay } });
  const { epochs } = learningOf({ folder: 'run', config, ...logged });
  expect(epochs.map(({ rate }) => rate)).toEqual(rates);
  expect(epochs.map(({ headRate }) => headRate)).toEqual(rates.map((rate) => 5 * rate));
});

test("a report's epochs go on from where the one before ended, the first from the beginning", () => {
  const config = tinyConfig({ data: { corpus: 'none' }, training: { headRateFactor: 4 } });
  const { epochs } = learningOf({ folder: 'run', config, ...logged });
  expect(epochs.map(({ from, to }) => [from, to])).toEqual([[0, 4], [4, 8]]); // prettier-ignore
});

test("a report's line of many steps has few points, each the mean of some steps, the last of those that are left", () => {
  const config = tinyConfig({ data: { corpus: 'none' } });
  const linesOf = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ...step(i + 1, 0, 1e-3 / (i + 1)),
      loss: i + 1,
      gradientNorm: 2 * i,
      tokens: { ner: { f1: i / count } as never },
    }));
  const pointsOf = (count: number) =>
    learningOf({ folder: 'run', config, epochs: [], steps: linesOf(count) }).steps;
  expect(pointsOf(400).map(({ loss }) => loss)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
  const points = pointsOf(1001); // by threes, and two that are left
  expect(points).toHaveLength(334);
  expect(points[1]).toEqual({ step: 6, rate: 1e-3 / 6, loss: 5, gradientNorm: 8, tokens: { ner: expect.closeTo(4 / 1001, 12) } }); // prettier-ignore
  expect(points.at(-1)).toMatchObject({ step: 1001, loss: 1000.5, gradientNorm: 1999 });
  expect(points.at(-1)!.tokens.ner).toBeCloseTo(999.5 / 1001, 12);
});
