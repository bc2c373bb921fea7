import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { hostAddon } from '../../src/backend/start-native.js';
import { take } from '../../src/backend/take.js';
import { createCompiler, eagerly, type Compiler } from '../../src/compile/compile.js';
import { createContext } from '../../src/context.js';
import { makeBatch } from '../../src/data/batches.js';
import { batchInputs, onEngine } from '../../src/model/inputs.js';
import { lossAndGradients } from '../../src/model/model.js';
import { readParameters } from '../../src/model/parameters.js';
import { wordTable } from '../../src/model/part.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { trainStep } from '../../src/train/step.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const EPSILON = 0.7;
const dropout = { dropout: 0, attentionDropout: 0, trunk: 0 };

/** A model, a batch, and what one step makes of it: Adam's first moments are a tenth of the gradients. */
async function opened() {
  const training = { adversarialEpsilon: EPSILON, clipNorm: null };
  const { config } = await tinyRun(folder(), { training });
  const data = await prepareData(config);
  const session = await openSession(config, data, { cacheFolder: folder() }, createContext());
  const { parameters, examples, tokenizer, windows } = session.training;
  const { model, slots, held } = parameters;
  const batch = makeBatch(windows.slice(0, 6), examples, tokenizer, { labeller: model.head });
  const table = wordTable(model.parameters).name;
  const all = { embeddings: true, layers: [true, true] };

  /** The gradients where the word table is moved so. */
  const gradientsAt = async (move?: Float32Array) => {
    const gradients = eagerly(batchInputs(batch, held.rowOf), (fed) => {
      const { weights, values } = readParameters(parameters);
      const moved = move && tf.add(weights(table), tf.tensor(move, weights(table).shape));
      const device = { ...fed, ...onEngine(fed), batch: batch.batch, seq: batch.seq };
      const at = (name: string) => (moved && name === table ? moved : weights(name));
      const result = lossAndGradients(model, at, device, { trainable: all, dropout });
      tf.dispose(values);
      return Object.fromEntries(result.gradients);
    });
    const read = Object.entries(gradients).map(async ([name, one]) => [name, await take(one)] as const);
    return new Map(await Promise.all(read));
  };
  const step = (trainable = all, compiler?: Compiler) =>
    tf.dispose(
      trainStep(parameters, batch, {
        trainable,
        dropout,
        optimizer: config.training,
        rate: 1e-9,
        seed: 1,
        compiler,
      }) as unknown as tf.TensorContainer,
    );
  const moments = async () => {
    const read = [...slots].map(async ([name, { first }]) => [name, await take(first.read())] as const);
    return new Map(await Promise.all(read));
  };
  return { table, gradientsAt, step, moments, close: session.close };
}

describeEngines(
  'a step on moved word embeddings',
  (engine) => {
    test('learns from the batch as it is and from what it is where the loss rises fastest', async () => {
      const { table, gradientsAt, step, moments, close } = await opened();
      const clean = await gradientsAt();
      const gradient = clean.get(table)!;
      const length = Math.sqrt(gradient.reduce((sum, one) => sum + one * one, 0));
      const moved = await gradientsAt(gradient.map((one) => (EPSILON * one) / length));
      await expectNoLeakedTensors(() => step());
      let difference = 0;
      for (const [name, first] of await moments()) {
        const expected = clean.get(name)!.map((one, i) => one + moved.get(name)![i]!);
        expectClose(first.map((one) => one * 10), expected, 1e-5, name); // prettier-ignore
        difference += Math.abs(clean.get(name)![0]! - moved.get(name)![0]!);
      }
      expect(difference).toBeGreaterThan(1e-4);
      await close();
    });

    test('is one as ever where the embeddings are frozen', async () => {
      const { gradientsAt, step, moments, close } = await opened();
      const clean = await gradientsAt();
      step({ embeddings: false, layers: [true, true] });
      const first = (await moments()).get('bilstm.weight_hh_l0')!;
      expectClose(first.map((one) => one * 10), clean.get('bilstm.weight_hh_l0')!, 1e-5); // prettier-ignore
      await close();
    });

    if (engine === 'native')
      test('is the same where it is compiled', async () => {
        const compiler = createCompiler(hostAddon());
        const [one, other] = [await opened(), await opened()];
        for (let i = 0; i < 3; i++) {
          one.step(undefined, compiler);
          other.step();
        }
        const expected = await other.moments();
        for (const [name, first] of await one.moments()) expectClose(first, expected.get(name)!, 1e-6, name);
        expect(compiler.functions.size).toBe(1);
        compiler.dispose();
        await Promise.all([one.close(), other.close()]);
      });
  },
  ['native', 'wasm'],
);
