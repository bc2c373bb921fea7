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
