import { expect, test } from '@jest/globals';
import { pretrainingPlanText } from '../../src/cli/pretrainTables.js';
import type { PretrainingPlan } from '../../src/run/planPretraining.js';

const plan = (changes: Partial<PretrainingPlan>) =>
  pretrainingPlanText({
    texts: { training: 22, heldOut: 2 },
    windows: { training: 69, heldOut: 5 },
    pieces: { inUse: 889, all: 119_547 },
    layers: 6,
    trainable: 10,
    steps: 1000,
    batchSize: 16,
    warmupSteps: 60,
    rate: 5e-5,
    teacher: 12,
    ...changes,
  } as PretrainingPlan).split('\n');

test('a plan of pretraining tells layers, the rate and the teacher', () => {
  expect(plan({}).slice(1)).toEqual([
    '889 of 119,547 pieces in use; 6 layers, 10 trained parameters',
    '1,000 steps of 16 windows; the rate rises over 60 to 5.0e-5, then falls to 0',
    'Its teacher has 12 layers',
  ]);
});

test('a plan of pretraining with few steps has no rise, and one layer is one', () => {
  expect(plan({ layers: 1, steps: 5, warmupSteps: 0, teacher: null }).slice(1)).toEqual([
    '889 of 119,547 pieces in use; 1 layer, 10 trained parameters',
    '5 steps of 16 windows; the rate is 5.0e-5 at first, then falls to 0',
    'No teacher',
  ]);
});
