import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { take } from '../../src/backend/take.js';
import type { Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { wholeValues, type Parameters } from '../../src/model/parameters.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { averageShare } from '../../src/train/averages.js';
import { saveCheckpoint } from '../../src/train/checkpoint.js';
import { train } from '../../src/train/train.js';
import { describeEngines } from '../support/engines.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const WATCHED = ['bilstm.weight_hh_l0', 'distilbert.embeddings.word_embeddings.weight'];
const epoch = { windows: 'positive', rate: 1e-2 };
const patient = 300_000; // ms, for a machine that has other things to do

const sessionOf = async (config: Config) =>
  openSession(config, await prepareData(config), { cacheFolder: folder() }, createContext());

const valuesOf = ({ slots }: Parameters, part: 'weight' | 'average', names = WATCHED) =>
  Promise.all(names.map((name) => take(slots.get(name)![part]!.read())));

test('an average moves fast at first, then by what its decay leaves', () => {
  const shares = [0, 1, 90, 10_000].map((step) => averageShare(step, 0.9));
  expect(shares).toEqual([9 / 10, 9 / 11, 0.1, 0.1].map((share) => expect.closeTo(share, 12)));
});

describeEngines(
  'weights that are averaged over the steps',
  (engine) => {
    test.each([
      ['one batch a step', {}],
      ['two batches a step', { batchSize: 2, accumulate: 2 }],
    ])(
      'are what the formula gives, step by step; %s',
      async (_, changes) => {
        // The embeddings are frozen in the second epoch: their average goes on to where they stay.
        const schedule = [epoch, { ...epoch, frozen: ['embeddings'] }];
        const { config } = await tinyRun(
          folder(),
          {
            backend: { engine },
            training: { schedule, averageDecay: 0.7, logSteps: 1, batchSize: 4, ...changes },
          },
          10,
        );
        const { training, close } = await sessionOf(config);
        const expected = (await valuesOf(training.parameters, 'weight')).map((values) => [...values]);
        let step = 0;
        for await (const event of train(training)) {
          if (event.kind !== 'step') continue;
          const decay = Math.min(0.7, (1 + step) / (10 + step));
          step++;
          for (const [i, weights] of (await valuesOf(training.parameters, 'weight')).entries())
            weights.forEach((weight, j) => {
              expected[i]![j] = decay * expected[i]![j]! + (1 - decay) * weight;
            });
          const averages = await valuesOf(training.parameters, 'average');
          averages.forEach((values, i) => expectClose(values, expected[i]!, 1e-5));
        }
        expect(step).toBeGreaterThan(4);
        await close();
      },
      patient,
    );

    test(
      'are held where something is trained in some epoch, and are the model that is kept',
      async () => {
        const schedule = [{ ...epoch, frozen: ['embeddings', 0] }];
        const { config, out } = await tinyRun(folder(), { backend: { engine }, training: { schedule, averageDecay: 0.9 } }); // prettier-ignore
        const { training, settings, base, close } = await sessionOf(config);
        const { parameters, tokenizer } = training;
        const model = { settings, tokenizer: { save: () => Promise.resolve() }, base };
        expect(tokenizer).toBeDefined();
        for await (const event of train(training))
          if (event.kind === 'epoch') await saveCheckpoint(out, parameters, event.progress, model);
        const name = 'bilstm.weight_hh_l0';
        const [average] = await valuesOf(parameters, 'average', [name]);
        const [weight] = await valuesOf(parameters, 'weight', [name]);
        expect(average).not.toEqual(weight);
        const read = async (file: string, tensor: string) => {
          const opened = await openSafetensors(join(out, file));
          return opened.read(tensor).finally(() => opened.close());
        };
        expect(await read('model.safetensors', name)).toEqual(average);
        expect(await read('training.safetensors', `${name}.weight`)).toEqual(weight);
        expect(await wholeValues(parameters, name, undefined)).toEqual(average);
        const averaged = [...parameters.slots.values()].filter(({ average }) => average !== undefined);
        expect(new Set(averaged.map(({ spec }) => spec.group))).toEqual(new Set([1, 'new']));
        await close();
      },
      patient,
    );
  },
  ['native', 'wasm'],
);
