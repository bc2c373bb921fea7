import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import * as tf from '@tensorflow/tfjs-core';
import { hostAddon } from '../../src/backend/start-native.js';
import { take } from '../../src/backend/take.js';
import { createCompiler, orEagerly, type Compiler } from '../../src/compile/compile.js';
import type { Config } from '../../src/config/schema.js';
import { makeBatch } from '../../src/data/batches.js';
import { prepareData, type PreparedData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { averageShare } from '../../src/train/averages.js';
import { trainStep } from '../../src/train/step.js';
import { describeEngines } from '../support/engines.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose, randomNumbers } from '../support/tensors.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const recipe = { training: { layerRateFactor: 0.8, averageDecay: 0.9 } };

/** Losses of 50 steps with dropout and a rising rate, and a parameter's values and average after them. */
async function fiftySteps(config: Config, compiler?: Compiler, change = (data: PreparedData) => data) {
  const { training, close } = await openSession(
    config,
    change(await prepareData(config)),
    { cacheFolder: folder() },
    createContext(),
  );
  const { parameters, examples, tokenizer, windows, dropout } = training;
  const losses: number[] = [];
  for (let number = 0; number < 50; number++) {
    const chosen = Array.from({ length: 4 }, (_, i) => windows[(number * 4 + i) % windows.length]!);
    const batch = makeBatch(chosen, examples, tokenizer, { labeller: parameters.model.head, padTo: 64 });
    const result = trainStep(parameters, batch, {
      trainable: { embeddings: number % 2 === 0, layers: [true, true] },
      optimizer: config.training,
      rate: 1e-4 * (1 + number),
      averageShare: averageShare(number, config.training.averageDecay!),
      seed: number,
      dropout,
      ...(compiler && { compiler }),
    });
    losses.push(result.loss.dataSync()[0]!);
    tf.dispose(result as unknown as tf.TensorContainer);
  }
  const { weight, average } = parameters.slots.get('bilstm.weight_hh_l0')!;
  const [weights, averages] = await Promise.all([weight, average!].map((each) => take(each.read())));
  await close();
  return { losses, weights: weights!, averages: averages! };
}

describeEngines(
  'training with compiled steps',
  () => {
    test('learns what training op by op learns, with dropout, over 50 steps', async () => {
      const { config } = await tinyRun(folder(), recipe);
      const compiler = createCompiler(hostAddon());
      const compiled = await fiftySteps(config, compiler);
      const checked = createCompiler(hostAddon(), { checked: true });
      expect(await fiftySteps(config, checked)).toEqual(compiled);
      checked.dispose();
      const eager = await fiftySteps(config);
      expectClose(compiled.losses, eager.losses, 1e-5);
      expectClose(compiled.weights, eager.weights, 1e-4);
      expectClose(compiled.averages, eager.averages, 1e-4);
      expect(eager.losses[49]).toBeLessThan(eager.losses[0]! / 2);
      // With the embeddings, which have a rate of their own, and without.
      expect(compiler.functions.size).toBe(2);
      compiler.dispose();
    });

    test.each(['sigmoid', 'crf'])(
      'learns the same from teachers as training op by op, with the head %s',
      async (head) => {
        const { config } = await tinyRun(folder(), { model: { head }, training: { averageDecay: 0.9 } });
        const soften = (data: PreparedData): PreparedData => ({
          ...data,
          training: data.training.map((example, number) => {
            const { head } = data.model;
            const own = head.collect(example.encoded, [], config.decoding).scores();
            const scores = own.map(({ length }, output) =>
              randomNumbers(length, 2 * number + output).map(Math.abs),
            );
            return { ...example, targets: head.soften!(example.targets, scores, 0.5) };
          }),
        });
        const compiler = createCompiler(hostAddon());
        const compiled = await fiftySteps(config, compiler, soften);
        const eager = await fiftySteps(config, undefined, soften);
        expectClose(compiled.losses, eager.losses, 1e-5);
        expectClose(compiled.weights, eager.weights, 1e-4);
        expect(eager.losses[49]).toBeLessThan(eager.losses[0]!);
        // With the embeddings, without, and with them when they have had fewer updates than the rest.
        expect(compiler.functions.size).toBe(3);
        compiler.dispose();
      },
    );

    test('goes on op by op, the same, where TensorFlow takes no function, and says so once', async () => {
      const { config } = await tinyRun(folder(), recipe);
      const notices: string[] = [];
      const host = {
        ...hostAddon(),
        addFunction: () => {
          throw new Error("Op type not registered 'Sqaure'");
        },
      };
      const refused = await fiftySteps(
        config,
        orEagerly(createCompiler(host), (text) => notices.push(text)),
      );
      expect(refused).toEqual(await fiftySteps(config));
      expect(notices).toEqual([expect.stringContaining("Op type not registered 'Sqaure'")]);
    });
  },
  ['native'],
);
