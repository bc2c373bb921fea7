import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import * as tf from '@tensorflow/tfjs-core';
import { hostAddon } from '../../src/backend/start-native.js';
import { planTables } from '../../src/cli/trainTables.js';
import { createCompiler, type Compiler } from '../../src/compile/compile.js';
import { makeBatch } from '../../src/data/batches.js';
import { take } from '../../src/backend/take.js';
import { planRun } from '../../src/run/plan.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { accumulatedStep, trainStep, type StepOptions } from '../../src/train/step.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

interface Run {
  /** Windows of each part of a step: 16 in all. */
  parts: number[];
  compiler?: Compiler;
  dropout?: number;
}

/** Losses, gradient norms and counts of five steps, and what the parameters are then. */
async function fiveSteps({ parts, compiler, dropout = 0 }: Run) {
  // Adam divides gradients by their size: a large epsilon, or the rounding of those that are zero would count.
  const training = { accumulate: 2, epsilon: 1e-3, clipNorm: 0.01 };
  const { config } = await tinyRun(folder(), { training });
  const session = await openSession(
    config,
    await prepareData(config),
    { cacheFolder: folder() },
    createContext(),
  );
  const { parameters, examples, tokenizer, windows, sums } = session.training;
  const steps = [];
  for (let number = 0; number < 5; number++) {
    let first = number * 16;
    const batches = parts.map((size) => {
      const chosen = Array.from({ length: size }, () => windows[first++ % windows.length]!);
      return makeBatch(chosen, examples, tokenizer, { labeller: parameters.model.head });
    });
    const options: StepOptions = {
      trainable: { embeddings: number % 2 === 0, layers: [true, true] },
      optimizer: config.training,
      rate: 1e-2,
      seed: number,
      dropout: { dropout, attentionDropout: dropout, trunk: dropout },
      ...(compiler && { compiler }),
    };
    const [only] = batches;
    const result =
      batches.length === 1
        ? trainStep(parameters, only!, options)
        : accumulatedStep(parameters, batches.map((batch) => ({ batch })), sums!, options); // prettier-ignore
    const { loss, gradientNorm, counts } = result;
    steps.push([loss, gradientNorm, ...counts].flatMap((tensor) => [...tensor.dataSync()]));
    tf.dispose(result as unknown as tf.TensorContainer);
  }
  const weights: (readonly [string, Float32Array])[] = [];
  for (const [name, { weight }] of parameters.slots) weights.push([name, await take(weight.read())]);
  const updates = [...parameters.slots.values()].map((slot) => slot.updates);
  await session.close();
  return { steps, weights, updates };
}

function expectSame(one: Awaited<ReturnType<typeof fiveSteps>>, other: typeof one): void {
  one.steps.forEach((step, i) => expectClose(step, other.steps[i]!, 1e-4));
  one.weights.forEach(([, values], i) => expectClose(values, other.weights[i]![1], 1e-5));
  expect(one.updates).toEqual(other.updates);
}

describeEngines(
  'gradients of several batches, summed',
  () => {
    test('teach what one batch of all their windows teaches, loss, norm and counts included', async () => {
      const whole = await expectNoLeakedTensors(() => fiveSteps({ parts: [16] }));
      expectSame(await expectNoLeakedTensors(() => fiveSteps({ parts: [8, 8] })), whole);
      expect(whole.steps.some(([, norm]) => norm! > 0.01)).toBe(true); // was clipped
    });

    test('weigh by their pieces, not by their number', async () => {
      expectSame(await fiveSteps({ parts: [2, 13, 1] }), await fiveSteps({ parts: [16] }));
    });

    test('drop other units in each batch', async () => {
      const twice = await fiveSteps({ parts: [8, 8], dropout: 0.5 });
      const again = await fiveSteps({ parts: [8, 8], dropout: 0.5 });
      expect(again).toEqual(twice);
      expect(twice.steps[0]![0]).not.toBeCloseTo((await fiveSteps({ parts: [8, 8] })).steps[0]![0]!, 5);
    });
  },
  ['native', 'wasm'],
);

describeEngines(
  'gradients of several batches, summed in compiled steps',
  () => {
    test('teach what they teach op by op, with dropout', async () => {
      const compiler = createCompiler(hostAddon());
      const compiled = await expectNoLeakedTensors(() =>
        fiveSteps({ parts: [8, 8], dropout: 0.1, compiler }),
      );
      expectSame(compiled, await fiveSteps({ parts: [8, 8], dropout: 0.1 }));
      expect(compiler.functions.size).toBeGreaterThanOrEqual(4);
      compiler.dispose();
    });
  },
  ['native'],
);

test('the plan counts the windows of a step', async () => {
  const { config } = await tinyRun(folder(), { training: { batchSize: 4, accumulate: 3 } });
  const plan = await planRun(config);
  expect(plan).toMatchObject({ batchSize: 4, batch: 12 });
  expect(plan.epochs.map(({ steps }) => steps)).toEqual(
    plan.epochs.map(({ count }) => Math.ceil(count / 12)),
  );
  expect(planTables(plan)).toMatch(/ \d+ steps of 12 windows, 4 at once/);
});
