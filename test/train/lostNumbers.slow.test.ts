import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import type { RunEvent } from '../../src/run/events.js';
import { runToEnd } from '../support/runToEnd.js';
import { saveCheckpoint } from '../../src/train/checkpoint.js';
import { train } from '../../src/train/train.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { hashOf, metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do

/** One epoch at a sound rate, then one whose first step throws the weights far out. */
const diverging = (logSteps: number) => ({
  warmupSteps: 0,
  logSteps,
  batchSize: 4,
  schedule: [1e-3, 1e30].map((rate) => ({ windows: 'positive', rate })),
});
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => new Error('it went through'),
    (error: Error) => error,
  );
const checkpointsOf = (run: string) =>
  ['last', 'best'].map((name) => {
    const files = readdirSync(join(run, 'checkpoints', name)).sort();
    return files.map((file) => [name, file, hashOf(join(run, 'checkpoints', name, file))]);
  });

describeEngines(
  'a training that loses its numbers',
  (engine) => {
    test.each(engine === 'native' ? [1, 7, 1000] : [7])(
      'ends in the step after the one that threw the weights out, read every %d steps, and keeps its checkpoints',
      async (logSteps) => {
        const { config, out } = await tinyRun(folder(), {
          backend: { engine },
          training: diverging(logSteps),
        });
        let before: ReturnType<typeof checkpointsOf> | undefined;
        const onEvent = (event: RunEvent) => {
          if (event.kind === 'step' && event.progress.epoch === 1) before ??= checkpointsOf(out);
        };
        const error = await failureOf(runToEnd(config, { folder: out, resume: false }, onEvent));
        expect(error).toBeInstanceOf(InputError);
        const { step } = metricsOf(out).find(({ kind }) => kind === 'epoch')!;
        expect(error.message).toMatch(
          new RegExp(
            `lost its numbers in step ${step + 2} \\(epoch 1\\), where the rate is 1e\\+30: the loss is`,
          ),
        );
        expect(error.message).toMatch(
          /lower rate .*the last checkpoint is kept, .*best one so far stands in \S+best/,
        );
        expect(checkpointsOf(out)).toEqual(before);
        expect(metricsOf(out).every(({ kind, loss }) => kind === 'epoch' || Number.isFinite(loss))).toBe(
          true,
        );
        expect(existsSync(join(out, 'evaluation.json'))).toBe(false);
        expect(JSON.parse(readFileSync(join(out, 'failure.json'), 'utf8'))).toMatchObject({
          message: error.message,
        });

        const again = await failureOf(runToEnd(config, { folder: out, resume: true }));
        expect(again.message).toBe(error.message);
        expect(checkpointsOf(out)).toEqual(before);
      },
      patient,
    );

    if (engine !== 'native') return;

    test(
      'is told where it is stopped before the next log, and the last checkpoint stays',
      async () => {
        const { config, out } = await tinyRun(folder(), { backend: { engine }, training: diverging(1000) });
        const abort = new AbortController();
        let steps = 0;
        const onEvent = (event: RunEvent) => {
          if (event.kind === 'step' && event.progress.epoch === 1 && ++steps === 3) abort.abort();
        };
        const context = createContext({ signal: abort.signal });
        const stopped = runToEnd(config, { folder: out, resume: false }, onEvent, context);
        expect((await failureOf(stopped)).message).toMatch(/lost its numbers in step/);
        const { weights } = await openPredictor(join(out, 'checkpoints/last'), {}, createContext());
        expect(weights).toBeDefined();
      },
      patient,
    );

    test('in its last step of an epoch is told by the scores of the validation documents', async () => {
      const { config } = await tinyRun(folder(), { backend: { engine } });
      await expectNoLeakedTensors(async () => {
        const { training, close } = await openSession(
          config,
          await prepareData(config),
          { cacheFolder: folder() },
          createContext(),
        );
        const events = train({
          ...training,
          async validate() {
            const { weight } = training.parameters.slots.get('bilstm.weight_hh_l0')!;
            const none = tf.fill(weight.shape, NaN);
            weight.assign(none);
            none.dispose();
            return training.validate();
          },
        });
        const all = async () => {
          for await (const event of events) void event;
        };
        await expect(all()).rejects.toThrow(/lost its numbers in step \d+ \(epoch 0\).*validation scores/);
        await close();
      });
    });
  },
  ['native', 'wasm'],
);

describe('a checkpoint', () => {
  test('is not written with a weight or moment that is no number, and the one before it stays', async () => {
    const { config } = await tinyRun(folder());
    const data = await prepareData(config);
    const { training, settings, base, close } = await openSession(
      config,
      data,
      { cacheFolder: folder() },
      createContext(),
    );
    const { parameters } = training;
    const last = join(folder(), 'last');
    const save = () =>
      saveCheckpoint(last, parameters, { epoch: 0, stepOfEpoch: 0, step: 0, best: null }, { settings, base, tokenizer: data.tokenizer,
      }); // prettier-ignore
    await save();
    const hashes = () => readdirSync(last).map((file) => hashOf(join(last, file)));
    const before = hashes();
    const slot = parameters.slots.get('bilstm.weight_hh_l0')!;
    for (const which of ['second', 'weight'] as const) {
      const values = tf.fill(slot.weight.shape, Infinity);
      slot[which].assign(values);
      values.dispose();
      await expect(save()).rejects.toThrow(/value 0 of bilstm\.weight_hh_l0\S* is Infinity/);
      expect(hashes()).toEqual(before);
    }
    await close();
  });
});

describe('a model whose scores are no numbers', () => {
  test('finds nothing, and says so', async () => {
    const { config, out } = await tinyRun(folder(), { training: { epochs: { count: 1, rate: 1e-3 } } }, 8);
    await runToEnd(config, { folder: out, resume: false });
    const predictor = await openPredictor(join(out, 'checkpoints/best'), {}, createContext());
    const weights = (name: string) => tf.fill(predictor.weights(name).shape, NaN);
    const predictions = predictTexts({ ...predictor, weights }, [{ name: 'a', text: 'Es médica.' }]);
    await expect(predictions.next()).rejects.toThrow(/model's scores of a are no numbers/);
  });
});
