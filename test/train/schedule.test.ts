import { describe, expect, test } from '@jest/globals';
import { trainingSchema } from '../../src/config/sections/training.js';
import { expandSchedule, keepsOutputs } from '../../src/config/schedule.js';
import type { Config } from '../../src/config/schema.js';
import type { Window } from '../../src/data/examples.js';
import {
  countWindows,
  epochBatches,
  epochSeed,
  plannedSteps,
  rateAt,
  scheduledWindows,
  trainableParts,
  type RateOptions,
} from '../../src/train/schedule.js';

const expand = (training: object) => expandSchedule(trainingSchema.parse(training));

describe('the schedule of a run', () => {
  test('repeats the pattern and lowers the rate from epoch to epoch', () => {
    const epochs = expand({
      epochs: { count: 5, pattern: ['positive', 'full', 'full'], rate: 8e-5, decay: 0.5 },
    });
    expect(epochs.map(({ windows }) => windows)).toEqual(['positive', 'full', 'full', 'positive', 'full']);
    expect(epochs.map(({ rate }) => rate)).toEqual([8e-5, 4e-5, 2e-5, 1e-5, 5e-6]);
  });

  test('has rates that people can read', () => {
    const rates = expand({ epochs: { count: 3, rate: 5e-5, decay: 0.7 } }).map(({ rate }) => rate);
    expect(rates).toEqual([5e-5, 3.5e-5, 2.45e-5]);
  });

  test('keeps the rate from epoch to epoch where it falls with every step', () => {
    const epochs = { count: 3, rate: 5e-5, decay: 0.7 };
    const rates = expand({ epochs, rateDecay: 'linear' }).map(({ rate }) => rate);
    expect(rates).toEqual([5e-5, 5e-5, 5e-5]);
  });

  test('is frozen in all epochs, or in the first ones where a number is given', () => {
    const frozen = (epochs: object) =>
      expand({ epochs: { count: 3, ...epochs } }).map((epoch) => epoch.frozen);
    expect(frozen({ frozen: 'encoder' })).toEqual(['encoder', 'encoder', 'encoder']);
    expect(frozen({ frozen: ['embeddings', 0], frozenEpochs: 2 })).toEqual([
      ['embeddings', 0],
      ['embeddings', 0],
      [],
    ]);
    expect(frozen({ frozen: 'encoder', frozenEpochs: 0 })).toEqual([[], [], []]);
    expect(frozen({})).toEqual([[], [], []]);
  });

  test('hands the share of negatives to every epoch', () => {
    expect(expand({ epochs: { count: 2, negatives: 0.25 } }).map(({ negatives }) => negatives)).toEqual([
      0.25, 0.25,
    ]);
  });

  test('is the one that is written out, where there is one', () => {
    const schedule = [
      { windows: 'full', rate: 1e-3, frozen: 'encoder' },
      { windows: 'positive', rate: 1e-4, negatives: 0.5 },
    ];
    expect(expand({ epochs: { count: 7 }, schedule })).toEqual([
      { windows: 'full', rate: 1e-3, frozen: 'encoder', negatives: 1 },
      { windows: 'positive', rate: 1e-4, frozen: [], negatives: 0.5 },
    ]);
  });
});

describe('the outputs of a frozen encoder', () => {
  const kept = (training: object, layerMix = false) =>
    keepsOutputs({ training: trainingSchema.parse(training), model: { layerMix } as Config['model'] });
  const epochs = (changed: object) => ({ epochs: { count: 3, frozen: 'encoder', ...changed } });

  test('are kept where it is frozen in every epoch', () => {
    expect(kept(epochs({}))).toBe(true);
    expect(kept(epochs({ frozenEpochs: 3 }))).toBe(true);
    expect(kept(epochs({ frozenEpochs: 2 }))).toBe(false);
    expect(kept(epochs({ frozen: ['embeddings', 0, 1] }))).toBe(false);
  });

  test('are not kept where they shall not be, nor where all layers are read', () => {
    expect(kept({ ...epochs({}), cacheFrozen: false })).toBe(false);
    expect(kept(epochs({}), true)).toBe(false);
  });
});

describe('what an epoch freezes', () => {
  test('is nothing, parts by name and number, or the whole encoder', () => {
    expect(trainableParts([], 2)).toEqual({ embeddings: true, layers: [true, true] });
    expect(trainableParts(['embeddings', 1], 3)).toEqual({ embeddings: false, layers: [true, false, true] });
    expect(trainableParts('encoder', 2)).toEqual({ embeddings: false, layers: [false, false] });
  });
});

/** Windows of growing length; every third holds a span. */
const windows: Window[] = Array.from({ length: 60 }, (_, i) => ({
  document: i,
  start: 0,
  end: 10 + i,
  positive: i % 3 === 0,
}));
const options = { seed: 1, batchSize: 8 };
const full = { windows: 'full', negatives: 1 } as const;
const documents = (batches: Window[][]) => batches.flat().map((window) => window.document);
const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

describe('the batches of an epoch', () => {
  test('hold the positive windows alone, each once', () => {
    const drawn = epochBatches(windows, { windows: 'positive', negatives: 1 }, 0, options);
    expect(sorted(documents(drawn))).toEqual(Array.from({ length: 20 }, (_, i) => 3 * i));
  });

  test('hold every window of a full epoch once', () => {
    const drawn = epochBatches(windows, full, 0, options);
    expect(sorted(documents(drawn))).toEqual(windows.map(({ document }) => document));
    expect(drawn.map((batch) => batch.length).filter((size) => size !== 8)).toEqual([4]);
  });

  test('come in another order in every epoch, the same one each time it is drawn', () => {
    const first = documents(epochBatches(windows, full, 0, options));
    expect(documents(epochBatches(windows, full, 0, options))).toEqual(first);
    expect(documents(epochBatches(windows, full, 1, options))).not.toEqual(first);
    expect(documents(epochBatches(windows, full, 0, { ...options, seed: 2 }))).not.toEqual(first);
  });

  test('are those that earlier versions drew, or a run that they began would go on with others', () => {
    expect([epochSeed(0, 0), epochSeed(1, 0), epochSeed(13, 7)]).toEqual([1, 1001, 13008]);
  });

  test('hold all positive windows and a share of the others that is drawn anew each epoch', () => {
    const quarter = { windows: 'full', negatives: 0.25 } as const;
    const draw = (number: number) => documents(epochBatches(windows, quarter, number, options));
    const negatives = (drawn: number[]) => sorted(drawn.filter((document) => document % 3 !== 0));
    for (const number of [0, 1]) {
      expect(new Set(draw(number)).size).toBe(30);
      expect(draw(number).filter((document) => document % 3 === 0)).toHaveLength(20);
      expect(negatives(draw(number))).toHaveLength(10);
    }
    expect(negatives(draw(0))).not.toEqual(negatives(draw(1)));
    expect(draw(0)).toEqual(draw(0));
  });

  test('hold no negative window where their share is 0', () => {
    const drawn = epochBatches(windows, { windows: 'full', negatives: 0 }, 0, options);
    expect(sorted(documents(drawn))).toEqual(Array.from({ length: 20 }, (_, i) => 3 * i));
  });

  test('are as many windows as are counted without drawing them', () => {
    for (const epoch of [
      full,
      { windows: 'positive', negatives: 1 },
      { windows: 'full', negatives: 0.3 },
    ] as const)
      expect(countWindows(windows, epoch)).toBe(epochBatches(windows, epoch, 5, options).flat().length);
  });

  test('are counted for every epoch of a schedule without drawing them', () => {
    const epochs = [
      { windows: 'positive', rate: 1, frozen: [], negatives: 1 },
      { windows: 'full', rate: 1, frozen: [], negatives: 0.3 },
    ] as const;
    const schedule = epochs.map((epoch) => ({ ...epoch, frozen: [] }));
    const drawn = schedule.map(
      (epoch, i) => epochBatches(windows, epoch, i, { seed: 1, batchSize: 6 }).length,
    );
    expect(plannedSteps(windows, schedule, { batchSize: 3, accumulate: 2 })).toEqual(drawn);
  });

  test('take the windows of the whole schedule between them, each named once and in order', () => {
    const some = { windows: 'full', rate: 1, negatives: 0.2, frozen: 'encoder' } as const;
    const drawn = [some, some].map((epoch, number) => epochBatches(windows, epoch, number, options));
    const taken = scheduledWindows(windows, [some, some], options).map(({ document }) => document);
    expect(taken).toEqual(sorted([...new Set(drawn.flatMap(documents))]));
    expect(taken.length).toBeGreaterThan(28); // an epoch's
    expect(taken.length).toBeLessThan(60);
  });

  test('are none where there is no positive window', () => {
    const none = windows.filter(({ positive }) => !positive);
    expect(epochBatches(none, { windows: 'positive', negatives: 1 }, 0, options)).toEqual([]);
  });
});

const rates4: RateOptions = { warmupSteps: 4, rateDecay: 'epochs', steps: 10 };

describe('the rate of a step', () => {
  test('rises over the warm-up to that of the epoch and stays there', () => {
    const rates = [0, 1, 2, 3, 4, 100].map((step) => rateAt(step, 0.4, rates4));
    expect(rates).toEqual([0.1, 0.2, 0.3, 0.4, 0.4, 0.4].map((rate) => expect.closeTo(rate, 12)));
  });

  test("is the epoch's own from the first step on without a warm-up", () => {
    expect(rateAt(0, 0.4, { ...rates4, warmupSteps: 0 })).toBe(0.4);
  });

  test('falls in a line from the end of the warm-up to nothing after the last step', () => {
    const linear = { ...rates4, rateDecay: 'linear' } as const;
    const rates = [0, 3, 4, 5, 7, 9].map((step) => rateAt(step, 0.6, linear));
    expect(rates).toEqual([0.15, 0.6, 0.6, 0.5, 0.3, 0.1].map((rate) => expect.closeTo(rate, 12)));
  });

  test('falls by half a wave of the cosine: slowly, fast in the middle, slowly', () => {
    const cosine = { ...rates4, rateDecay: 'cosine' } as const;
    const rates = [3, 4, 5, 6, 7, 8, 9].map((step) => rateAt(step, 1, cosine));
    // cos of 0, 30, 60, 90, 120 and 150 degrees
    const half = Math.sqrt(3) / 2;
    const expected = [1, 1, (1 + half) / 2, 0.75, 0.5, 0.25, (1 - half) / 2];
    expect(rates).toEqual(expected.map((rate) => expect.closeTo(rate, 12)));
  });

  test('falls from the rate that its epoch has', () => {
    const linear = { ...rates4, rateDecay: 'linear' } as const;
    expect(rateAt(7, 0.2, linear)).toBeCloseTo(rateAt(7, 0.6, linear) / 3, 12);
  });

  test('falls with every step where no warm-up, or only one step, leaves room for it', () => {
    const linear = { rateDecay: 'linear', steps: 1, warmupSteps: 0 } as const;
    expect(rateAt(0, 0.6, linear)).toBe(0.6);
    expect(rateAt(2, 0.6, { ...linear, warmupSteps: 5 })).toBeCloseTo(0.36, 12); // it never ends
  });
});
