import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { randomFrom } from '../../../src/data/random.js';
import { windowsOf } from '../../../src/data/windows.js';
import { chainHead } from '../../support/chains.js';
import { decoding } from '../../support/decoding.js';
import { encodedWords, inWords, wordSpan } from '../../support/words.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { randomTensor, take } from '../../support/tensors.js';

const labels = { ner: ['A', 'B'], class: ['X', 'Y'] };

/** Three documents of which the first takes two windows; the second of these begins in the midst of a span. */
const documents = [
  {
    encoded: encodedWords([0, 0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8]),
    ner: ['A 1-1', 'A 2-2', 'B 4-7'],
    class: ['X 1-1', 'Y 2-2', 'X 4-7'],
  },
  { encoded: encodedWords([0, 1, 2]), ner: ['B 0-2'], class: ['Y 0-2'] },
  { encoded: encodedWords([0, 1]), ner: [], class: [] },
];
const spanOf = (written: string) => {
  const [, label, first, last] = /(\w) (\d)-(\d)/.exec(written)!;
  return wordSpan(label!, Number(first), Number(last));
};
const [seq, width] = [10, 16];
const windows = documents.flatMap(({ encoded }, document) =>
  windowsOf(encoded.ids.length, { windowPieces: seq, windowStride: 6 }).map((range) => ({
    ...range,
    document,
  })),
);

describeEngines(
  'the head of chains in training',
  () => {
    test.each([
      ['BIO', 'perTask', { agree: false }],
      ['BIO', 'perTask', { agree: true }],
      ['BIOU', 'joint', { agree: false }],
    ] as const)(
      'learns a few documents by heart, and finds their spans (%s, %s, %o)',
      (scheme, outputs, { agree }) =>
        expectNoLeakedTensors(() => {
          const head = chainHead(labels, { scheme, outputs, width, agree });
          const targets = documents.map(({ encoded, ner, class: ofClass }) =>
            head.targetsOf({ ner: ner.map(spanOf), class: ofClass.map(spanOf) }, encoded),
          );
          const batch = windows.map((window) => ({
            ...window,
            encoded: documents[window.document]!.encoded,
            targets: targets[window.document]!,
          }));
          const random = randomFrom(1);
          const weights = new Map(
            head.parameters.map(({ name, shape, initial }) => [
              name,
              tf.tidy(() => tf.variable(tf.tensor(initial(tf.util.sizeFromShape(shape), random), shape))),
            ]),
          );
          const lengths = Int32Array.from(windows, ({ start, end }) => end - start + 2);
          const input = {
            features: randomTensor([windows.length * seq, width], 2),
            batch: windows.length,
            seq,
            lengths,
          };
          const labelled = {
            real: tf.zeros([1]),
            pieces: lengths.length * 8,
            windows: windows.length,
            targets: head
              .batchTargets(batch, seq)
              .map(({ values, shape }) => tf.tensor(Float32Array.from(values), shape)),
          };
          const optimizer = tf.train.adam(0.1);
          const losses = Array.from({ length: 80 }, () =>
            tf.tidy(() => {
              const { gradients, loss } = head.step({ ...input, ...labelled }, (name) => weights.get(name)!);
              optimizer.applyGradients(
                [...gradients].map(([name, tensor]) => ({ name: weights.get(name)!.name, tensor })),
              );
              return loss.dataSync()[0]!;
            }),
          );
          expect(losses.at(-1)).toBeLessThan(0.01);

          const predicted = tf.tidy(() => head.predict(input, (name) => weights.get(name)!)).map(take);
          for (const [document, { encoded, ...gold }] of documents.entries()) {
            const rows = [...windows.keys()].filter((row) => windows[row]!.document === document);
            const collector = head.collect(encoded, rows.map((row) => windows[row]!), decoding); // prettier-ignore
            rows.forEach((row, number) => collector.add(number, row, seq, predicted));
            const scores = collector.scores();
            const found = head.decode(scores, encoded, decoding);
            expect(inWords(found)).toEqual(gold);
            for (const { falsePositives, falseNegatives } of head.count(scores, targets[document]!, encoded))
              expect([...falsePositives, ...falseNegatives].every((one) => one === 0)).toBe(true);
          }
          optimizer.dispose();
          tf.dispose([...weights.values(), input.features, labelled.real, ...labelled.targets]);
        }),
    );
  },
  ['native', 'wasm'],
);
