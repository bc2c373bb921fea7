import { expect, test } from '@jest/globals';
import { createContext } from '../../../src/context.js';
import * as tf from '@tensorflow/tfjs-core';
import { hostAddon } from '../../../src/backend/start-native.js';
import { createCompiler, type Compiler } from '../../../src/compile/compile.js';
import { makeBatch } from '../../../src/data/batches.js';
import { randomFrom } from '../../../src/data/random.js';
import { createParameters, disposeParameters, readParameters } from '../../../src/model/parameters.js';
import { predictTogether } from '../../../src/predict/ensemble.js';
import type { Predictor } from '../../../src/predict/predictor.js';
import { prepareData } from '../../../src/run/prepare.js';
import { openSession } from '../../../src/run/session.js';
import { trainStep } from '../../../src/train/step.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { decoding } from '../../support/decoding.js';
import { headFor } from '../../support/pairs.js';
import { encodedWords, inWords, wordSpan } from '../../support/words.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { expectClose, randomTensor, take } from '../../support/tensors.js';
import { tinyRun } from '../../support/tinyRun.js';

const folder = temporaryFolders();
const spansRun = () => tinyRun(folder(), { model: { head: 'spans', spans: { size: 8 } } });

describeEngines('the head of pairs in training', () => {
  test('finds nested and neighbouring spans of one label', () =>
    expectNoLeakedTensors(async () => {
      const head = headFor({ ner: ['A'], class: ['X', 'Y'] }, { width: 12, size: 8, longest: 4 });
      const encoded = encodedWords([0, 1, 1, 2, 3, 4, 5]);
      const gold = {
        ner: [wordSpan('A', 0, 0), wordSpan('A', 1, 2), wordSpan('A', 1, 3), wordSpan('A', 2, 2)],
        class: [wordSpan('X', 4, 4), wordSpan('X', 5, 5), wordSpan('Y', 4, 5)],
      };
      const range = { start: 0, end: encoded.ids.length };
      const [batch, seq] = [1, range.end + 2];
      const targets = head.batchTargets([{ ...range, encoded, targets: head.targetsOf(gold, encoded) }], seq);
      const random = randomFrom(1);
      const weights = new Map(
        head.parameters.map(({ name, shape, initial }) => [
          name,
          tf.tidy(() => tf.variable(tf.tensor(initial(tf.util.sizeFromShape(shape), random), shape))),
        ]),
      );
      const input = { features: randomTensor([seq, 12], 2), batch, seq, lengths: Int32Array.of(seq) };
      const labelled = {
        real: tf.ones([seq, 1]),
        pieces: seq,
        windows: 1,
        targets: targets.map(({ values, shape }) => tf.tensor(values, shape, 'int32')),
      };
      const optimizer = tf.train.adam(0.05);
      for (let step = 0; step < 60; step++)
        tf.tidy(() => {
          const { gradients } = head.step({ ...input, ...labelled }, (name) => weights.get(name)!);
          optimizer.applyGradients(
            [...gradients].map(([name, tensor]) => ({ name: weights.get(name)!.name, tensor })),
          );
        });
      const outputs = tf.tidy(() => head.predict(input, (name) => weights.get(name)!)).map(take);
      const collector = head.collect(encoded, [range], decoding);
      collector.add(0, 0, seq, outputs);
      expect(inWords(head.decode(collector.scores(), encoded, decoding))).toEqual({
        ner: ['A 0-0', 'A 1-2', 'A 1-3', 'A 2-2'],
        class: ['X 4-4', 'Y 4-5', 'X 5-5'],
      });
      optimizer.dispose();
      tf.dispose([input.features, labelled.real, ...labelled.targets, ...weights.values()]);
    }));
});

describeEngines(
  'a model with the head of pairs',
  () => {
    async function steps(count: number, compiler?: Compiler) {
      const { config } = await spansRun();
      const { training, close } = await openSession(
        config,
        await prepareData(config),
        {
          cacheFolder: folder(),
        },
        createContext(),
      );
      const { parameters, examples, tokenizer, windows, dropout } = training;
      const results: number[][] = [];
      for (let number = 0; number < count; number++) {
        const chosen = Array.from({ length: 4 }, (_, i) => windows[(number * 4 + i) % windows.length]!);
        const batch = makeBatch(chosen, examples, tokenizer, { labeller: parameters.model.head, padTo: 64 });
        const { loss, counts, gradientNorm } = trainStep(parameters, batch, {
          trainable: { embeddings: true, layers: [true, true] },
          optimizer: config.training,
          rate: 1e-3,
          seed: number,
          dropout,
          ...(compiler && { compiler }),
        });
        results.push([...take(loss), ...counts.flatMap((one) => [...take(one)])]);
        gradientNorm.dispose();
      }
      await close();
      return results;
    }

    test('learns the same in compiled steps as op by op', async () => {
      const compiler = createCompiler(hostAddon());
      const compiled = await steps(20, compiler);
      const eager = await steps(20);
      expectClose(compiled.flat(), eager.flat(), 1e-3);
      expect(eager.at(-1)![0]).toBeLessThan(eager[0]![0]!);
      expect(compiler.functions.size).toBe(1);
      compiler.dispose();
    });

    test('predicts together with another by the mean of their probabilities', async () => {
      const { config } = await spansRun();
      const { model, tokenizer, held, training } = await prepareData(config);
      const texts = training.slice(0, 2);
      const predictors: Predictor[] = [];
      const all: ReturnType<typeof readParameters>['values'] = [];
      for (const seed of [1, 2]) {
        const parameters = await createParameters(model, held, () => undefined, randomFrom(seed));
        const { weights, values } = readParameters(parameters);
        all.push(...values);
        predictors.push({
          model,
          weights,
          tokenizer,
          rowOf: held.rowOf,
          windows: config.data,
          batchSize: 4,
          decoding: { ...config.decoding, threshold: 4e-4 },
        });
        disposeParameters(parameters);
      }
      const scores = async (some: Predictor[]) => {
        const found = [];
        for await (const one of predictTogether(some, texts)) found.push(one);
        return found;
      };
      const [first, second, both] = [
        await scores(predictors.slice(0, 1)),
        await scores(predictors.slice(1)),
        await scores(predictors),
      ];
      for (const [i, { scores: means }] of both.entries())
        means.forEach((values, output) =>
          expectClose(
            values,
            values.map((_, at) => (first[i]!.scores[output]![at]! + second[i]!.scores[output]![at]!) / 2),
            1e-7,
          ),
        );
      expect(both[0]!.spans.ner!.length).toBeGreaterThan(0);
      tf.dispose(all);
    });
  },
  ['native'],
);
