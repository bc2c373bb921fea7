import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { runToEnd } from '../support/runToEnd.js';
import { tinyEncoders } from '../support/encoder.js';
import { fixtureFolder } from '../support/fixtures.js';
import { metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun, type ConfigParts } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do

/** Trains a config, opens its checkpoint, and finds spans in a text with it. */
async function trainAndPredict(parts: ConfigParts) {
  const training = { epochs: { count: 4, rate: 2e-3 }, logSteps: 1 };
  const { config, out } = await tinyRun(folder(), { training, ...parts }, 5);
  const { evaluation } = await runToEnd(config, { folder: out, resume: false });
  const predictor = await openPredictor(join(out, 'checkpoints/best'), {}, createContext());
  try {
    for await (const { spans } of predictTexts(predictor, [{ name: 'a', text: 'Trabaja de enfermera.' }]))
      expect(Object.keys(spans).sort()).toEqual(['class', 'ner']);
  } finally {
    predictor.dispose();
  }
  expect(Object.keys(evaluation)).toEqual(expect.arrayContaining(['ner', 'class']));
  return metricsOf(out).flatMap(({ loss }) => (loss as number) ?? []);
}

describe('a run by config alone', () => {
  beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));

  test.each(tinyEncoders)(
    'trains on %s, keeps its tokenizer, and predicts',
    async (name) => {
      const data = { windowPieces: 48, windowStride: 36 }; // they have 64 positions
      const losses = await trainAndPredict({ data, encoder: { weights: join(fixtureFolder, name) } });
      expect(losses.every(Number.isFinite)).toBe(true);
      expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    },
    patient,
  );

  test.each([
    ['sigmoid', 'none'],
    ['crf', 'bilstm'],
    ['crf', 'none'],
    ['spans', 'bilstm'],
    ['spans', 'none'],
    ['crf', 'none', { scheme: 'BIO', crf: { agree: true } }],
  ])(
    'trains the head %s on the trunk %s, and predicts (%o)',
    async (head, trunk, options: object = {}) => {
      const losses = await trainAndPredict({ model: { head, trunk, ...options } });
      expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    },
    patient,
  );

  test.each([
    ['that is trained', {}],
    ['that is frozen', { frozen: 'encoder' }],
  ])(
    'trains a mixture of the layers of an encoder %s, keeps it, and predicts',
    async (_, frozen) => {
      const training = { epochs: { count: 4, rate: 2e-3, ...frozen }, logSteps: 1 };
      const losses = await trainAndPredict({ model: { layerMix: true }, training });
      expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    },
    patient,
  );
});
