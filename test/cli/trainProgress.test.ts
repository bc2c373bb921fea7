import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { outputOf } from '../../src/cli/output.js';
import { trainingPace } from '../../src/cli/timeLeft.js';
import type { TrainingWork } from '../../src/run/events.js';
import { trainProgress } from '../../src/cli/trainProgress.js';
import type { TrainingEvent } from '../../src/train/events.js';
import { captureOutput } from '../support/captureOutput.js';

const ratios = {
  precision: 0.5,
  recall: 0.5,
  f1: 0.5,
  truePositives: 1,
  falsePositives: 1,
  falseNegatives: 1,
};

/** Two epochs of three steps, 16 windows each; a validation of 96 windows. */
const work: TrainingWork = { steps: 6, epochs: 2, windows: { training: 0, step: 16, validation: 96 } };

function step(step: number): TrainingEvent {
  const [epoch, stepOfEpoch] = [Math.floor((step - 1) / 3), ((step - 1) % 3) + 1];
  return {
    kind: 'step',
    stepsOfEpoch: 3,
    rate: 1e-3,
    windows: 16,
    progress: { epoch, stepOfEpoch, step, best: null },
    checkpoint: () => null as never,
    log: { steps: 1, loss: 0.25, gradientNorm: 1, tokens: { ner: ratios } },
  } as TrainingEvent;
}

function epoch(number: number, next = number + 1): TrainingEvent {
  const scores = { ...ratios, semantics: '', perLabel: {} };
  return {
    kind: 'epoch',
    epoch: number,
    isBest: true,
    stopsEarly: next > number + 1,
    progress: { epoch: next, stepOfEpoch: 0, step: 3 * (number + 1), best: null },
    validation: { tasks: { ner: scores }, words: { ner: ratios }, f1: 0.5 },
  } as TrainingEvent;
}

/** Steps of 2 s and validations of 5 s. */
const run: [TrainingEvent, number][] = [
  [step(1), 10],
  [step(2), 12],
  [step(3), 14],
  [epoch(0), 19],
  [step(4), 21],
  [step(5), 23],
  [step(6), 25],
  [epoch(1), 30],
];

describe('the time left', () => {
  test('is not known before the second step', () => {
    const pace = trainingPace(work);
    pace.event(step(1), 10);
    expect(pace.left()).toBeUndefined();
  });

  test('takes a third of the time per window for a validation before there was one', () => {
    const pace = trainingPace(work);
    for (const [event, at] of run.slice(0, 2)) pace.event(event, at);
    const validation = (2 * 96) / 16 / 3; // 4 s
    expect(pace.left()).toBeCloseTo(4 * 2 + 3 * validation, 9);
  });

  test('is what the steps, the validations and the evaluation take once all were seen', () => {
    const pace = trainingPace(work);
    const left = run.map(([event, at]) => {
      pace.event(event, at);
      return pace.left();
    });
    const evaluation = 5;
    expect(left.slice(3)).toEqual([19, 21, 23, 25, 30].map((at) => 30 - at + evaluation));
  });

  test('is that of the evaluation where a training stops early', () => {
    const pace = trainingPace(work);
    for (const [event, at] of [...run.slice(0, 3), [epoch(0, 2), 19] as const]) pace.event(event, at);
    expect(pace.left()).toBe(5);
  });
});

describe('the progress of a training, where stderr is no terminal,', () => {
  const { isTTY } = process.stderr;
  beforeAll(() => void (process.stderr.isTTY = false));
  afterAll(() => void (process.stderr.isTTY = isTTY));
  const shown = async (quiet: boolean) => {
    const { stdout, stderr } = await captureOutput(async () => {
      const progress = trainProgress(outputOf({ quiet }));
      for (const [event, at] of run) progress.event(event, work, at);
      progress.stop();
    });
    expect(stdout).toBe('');
    return stderr;
  };

  test('is a line per log, a line per epoch, without control characters', async () => {
    const lines = (await shown(false)).trimEnd().split('\n');
    expect(lines[0]).toBe('epoch 0  step 1/6  loss 0.2500  token F1 ner .500  rate 1.0e-3  ? s/step  ? left');
    expect(lines[5]).toBe(
      'epoch 1  step 5/6  loss 0.2500  token F1 ner .500  rate 1.0e-3  2.00 s/step  12 s left',
    );
    expect(lines[3]).toBe('epoch 0 done, validation: ner P .500 R .500 F1 .500 (best so far)');
    expect(lines).toHaveLength(8);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  test('is nothing with --quiet', async () => {
    expect(await shown(true)).toBe('');
  });
});
