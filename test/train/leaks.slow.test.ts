import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { isNative, nativeBackend } from '../../src/backend/native.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { saveCheckpoint } from '../../src/train/checkpoint.js';
import { train } from '../../src/train/train.js';
import { describeEngines } from '../support/engines.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 600_000; // ms, for a machine that has other things to do

/** All that is alive on the engine, also what no tf.Tensor owns. */
function alive() {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes, ...(isNative() && { inside: nativeBackend().binding.getNumOfTensors() }) }; // prettier-ignore
}

describeEngines(
  'nothing is left on the engine',
  (engine) => {
    const rounds = engine === 'native' ? 4 : 1; // through the windows in each of two epochs

    test(
      `by ${rounds * 50} steps of training, with validation, checkpoints and what follows`,
      async () => {
        const root = folder();
        const { config } = await tinyRun(
          root,
          {
            data: { windowPieces: 24, windowStride: 22 },
            encoder: { random: { hidden: 16, layers: 1, heads: 2, intermediate: 16, vocabularySize: 200 } },
            training: {
              batchSize: 1,
              epochs: { count: 2, pattern: ['positive'] },
              logSteps: 5,
              averageDecay: 0.9,
            },
          },
          8,
        );
        const data = await prepareData(config);
        const before = alive();
        const { training, settings, base, close } = await openSession(
          config,
          data,
          { cacheFolder: root },
          createContext(),
        );
        const windows = Array.from({ length: rounds }, () => training.windows).flat();
        const seen: ReturnType<typeof alive>[] = [];
        let steps = 0;
        for await (const event of train({ ...training, windows })) {
          if (event.kind === 'step') steps += 1;
          else
            await saveCheckpoint(join(root, 'last'), training.parameters, event.progress, {
              settings,
              tokenizer: data.tokenizer,
              base,
            });
          if (event.kind === 'epoch' || event.log) seen.push(alive());
        }
        expect(steps).toBeGreaterThanOrEqual(rounds * 50);
        expect(seen.length).toBeGreaterThanOrEqual(rounds * 10);
        expect(new Set(seen.map((state) => JSON.stringify(state))).size).toBe(1);
        await close();
        expect(alive()).toEqual(before);

        const predictor = await openPredictor(join(root, 'last'), {}, createContext());
        const states: ReturnType<typeof alive>[] = [];
        for (let round = 0; round < 3; round++)
          for await (const { spans } of predictTexts(predictor, data.validation)) {
            expect(Object.keys(spans)).toEqual(['ner', 'class']);
            states.push(alive());
          }
        expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(1);
        predictor.dispose();
        expect(alive()).toEqual(before);
      },
      patient,
    );

    test('by a training that is left in the middle of an epoch', async () => {
      const { config } = await tinyRun(folder(), {}, 6);
      const session = await openSession(
        config,
        await prepareData(config),
        { cacheFolder: folder() },
        createContext(),
      );
      const before = alive();
      for await (const { progress } of train(session.training)) if (progress.step === 2) break;
      expect(alive()).toEqual(before);
      await session.close();
    });

    test('by a start that fails', async () => {
      const { config } = await tinyRun(folder(), {}, 6);
      const data = await prepareData(config);
      const before = alive();
      const failed = openSession(
        config,
        data,
        { checkpoint: 'nowhere', cacheFolder: folder() },
        createContext(),
      );
      await expect(failed).rejects.toThrow(/nowhere/);
      expect(alive()).toEqual(before);
    });
  },
  ['native', 'wasm'],
);
