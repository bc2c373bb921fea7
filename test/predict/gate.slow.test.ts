import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inWay } from '../../src/backend/precision.js';
import { createContext } from '../../src/context.js';
import { trainingWindows } from '../../src/data/examples.js';
import { gateShapes } from '../../src/model/gate.js';
import { sizeOf } from '../../src/model/weights/weightFile.js';
import { readWindows } from '../../src/predict/gate.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import type { Prediction } from '../../src/predict/predictor.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { predict, sentence } from '../support/predicting.js';
import { saveTinyModel } from '../support/savedModel.js';
import { expectClose, randomNumbers } from '../support/tensors.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { writeFiles } from '../support/corpus.js';

const folder = temporaryFolders();
const words = ['enfermera', 'hospital', 'trabaja', 'médico', 'albañil', 'jubilado'];
/** Of many windows each, and of many lengths. */
const texts = Array.from({ length: 8 }, (_, i) => ({
  name: `d${i}`,
  text: Array.from({ length: 5 + ((i * 37) % 60) }, (_, at) => words[(i * 5 + at * at) % 6]).join(' '),
}));

/** A model with a gate of random numbers and this threshold. */
async function gatedModel(threshold: number, change: object = {}): Promise<string> {
  const model = join(folder(), 'model');
  const { model: made } = await saveTinyModel(model, 'tiny-distilbert');
  const { inner, ...shapes } = gateShapes(made.encoder.hidden);
  const some = (shape: number[], seed: number) => [...randomNumbers(sizeOf(shape), seed)];
  const gate = {
    format: 1,
    layer: 1,
    inner: some(inner, 1),
    innerBias: some(shapes.innerBias, 2),
    outer: some(shapes.outer, 3),
    outerBias: 0,
    threshold,
    loss: 0.01,
    documents: 20,
    estimate: { parts: 10, seed: 1, windows: 1, tasks: {} },
    ...change,
  };
  writeFileSync(join(model, 'gate.json'), JSON.stringify(gate));
  return model;
}

async function find(model: string, earlyExit: boolean, compile = false): Promise<Prediction[]> {
  const open = () => openPredictor(model, { batchSize: 4, earlyExit }, createContext());
  const predictor = await inWay({ precision: 'float32', compile }, open);
  try {
    const found: Prediction[] = [];
    for await (const prediction of predictTexts(predictor, texts)) found.push(prediction);
    return found;
  } finally {
    predictor.dispose();
  }
}

/** The score that half of the windows have at least. */
async function middleScore(): Promise<number> {
  const predictor = await openPredictor(await gatedModel(0), { earlyExit: true }, createContext());
  const examples = [];
  for (const { name, text } of texts) {
    const [encoded] = await predictor.tokenizer.encodeBatch([text]);
    examples.push({ name, text, encoded: encoded!, targets: [], spans: {} });
  }
  const windows = trainingWindows(examples, predictor.windows, { isPositive: () => false });
  const all: number[] = [];
  for await (const { scores, hidden } of readWindows(predictor, predictor.gate!, windows, examples)) {
    hidden.dispose();
    for (const score of scores) all.push(score);
  }
  predictor.dispose();
  return all.sort((a, b) => a - b)[all.length >> 1]!;
}

const LEAST = -1e20;

describeEngines(
  'prediction with an early exit',
  () => {
    test.each([false, true])(
      'gives the scores that it gives without, where the gate lets all windows pass (compiled: %s)',
      async (compile) => {
        const model = await gatedModel(LEAST);
        const gated = await find(model, true, compile);
        const whole = await find(model, false, compile);
        expect(gated.map(({ windows }) => windows)).toEqual(whole.map(({ windows }) => windows));
        for (const [i, { scores }] of gated.entries())
          scores.forEach((values, output) => expectClose(values, whole[i]!.scores[output]!, 1e-5));
      },
    );

    test('gives these scores to the words of windows that pass, and none to the others', async () => {
      const whole = await find(await gatedModel(LEAST), false);
      const passing = await find(await gatedModel(await middleScore()), true);
      const sums = { all: 0, read: 0, zero: 0 };
      for (const [i, { windows, scores }] of passing.entries()) {
        sums.all += windows.all;
        sums.read += windows.read;
        if (windows.read === windows.all)
          scores.forEach((values, output) => expectClose(values, whole[i]!.scores[output]!, 1e-5));
        if (windows.read === 0) {
          sums.zero++;
          for (const values of scores) expect(values.every((value) => value === 0)).toBe(true);
          expect(Object.values(passing[i]!.spans).flat()).toEqual([]);
        }
      }
      expect(sums.read).toBeGreaterThan(0);
      expect(sums.read).toBeLessThan(sums.all);
      expect(sums.zero).toBeGreaterThan(0);
    });

    test('leaves no tensor behind', async () => {
      const model = await gatedModel(await middleScore());
      await find(model, true);
      await expectNoLeakedTensors(async () => void (await find(model, true)));
    });
  },
  ['native', 'wasm'],
);

/** Reads one text of many windows; with the most memory that tensors have taken before a batch. */
async function readLong(model: string, repeated: number, earlyExit = true) {
  const predictor = await openPredictor(model, { batchSize: 32, earlyExit }, createContext());
  let most = 0;
  const { signal } = new AbortController();
  Object.defineProperty(signal, 'aborted', {
    get() {
      most = Math.max(most, tf.memory().numBytes);
      return false;
    },
  }); // asked before every batch
  const text = { name: 'long', text: 'enfermera hospital trabaja médico '.repeat(repeated) };
  try {
    for await (const found of predictTexts({ ...predictor, signal }, [text])) return { ...found, most };
  } finally {
    predictor.dispose();
  }
  throw new Error('nothing was found');
}

describeEngines(
  'prediction of a long text with an early exit',
  () => {
    test('holds no more than of one that is half as long', async () => {
      const model = await gatedModel(LEAST);
      const [half, whole] = [await readLong(model, 1500), await readLong(model, 3000)];
      expect(half.windows.read).toBeGreaterThan(600);
      expect(whole.windows.read).toBeGreaterThan(1200);
      expect(whole.most).toBeLessThan(1.1 * half.most);
    });

    test('gives the scores that it gives without, where the gate lets all windows pass', async () => {
      const model = await gatedModel(LEAST);
      const [gated, whole] = [await readLong(model, 1500), await readLong(model, 1500, false)];
      expect(gated.windows).toEqual(whole.windows);
      gated.scores.forEach((values, output) => expectClose(values, whole.scores[output]!, 1e-5));
    });
  },
  ['native'],
);

describe('predict --early-exit', () => {
  test('tells how many windows were read to their end', async () => {
    const input = writeFiles(folder(), { 'a.txt': sentence.repeat(20) });
    const out = join(folder(), 'out');
    const model = await gatedModel(1e20);
    const { stdout } = await predict(model, input, out, '--early-exit', '--json');
    const { windows, spans } = JSON.parse(stdout) as { windows: Prediction['windows']; spans: object };
    expect(windows.all).toBeGreaterThan(3);
    expect(windows.read).toBe(0);
    expect(spans).toEqual({ ner: 0, class: 0 });
  });

  test.each<[string, object | undefined, RegExp]>([
    ['a checkpoint without a gate', undefined, /has no gate \(gate\.json\) to exit early by: make one with meddoprof gate/], // prettier-ignore
    ['a gate of another encoder', { inner: [1, 2] }, /gate\.json is the gate of another model/],
    ['a gate on the last layer', { layer: 9 }, /gate\.json is the gate of another model/],
    ['a damaged one', { threshold: null }, /gate\.json.*threshold.*make it again with meddoprof gate/],
  ])('says what is wrong: %s', async (_, change, message) => {
    const model = await gatedModel(0, change);
    if (!change) rmSync(join(model, 'gate.json'));
    const input = writeFiles(folder(), { 'a.txt': sentence });
    const { stderr, status } = await predict(model, input, join(folder(), 'out'), '--early-exit');
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});
