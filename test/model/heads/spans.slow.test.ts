import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { pairParts, pairScores } from '../../../src/model/heads/spans/scores.js';
import { countPairs, pairLoss } from '../../../src/model/heads/spans/loss.js';
import { unpackBits } from '../../../src/model/heads/spans/targets.js';
import type { HeadBatch } from '../../../src/model/heads/head.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { headFor, spansFixture } from '../../support/pairs.js';
import { encodedWords, wordSpan } from '../../support/words.js';
import { disposeAll, expectClose, randomTensor, take } from '../../support/tensors.js';

describeEngines('the head of pairs', () => {
  let fixture: Awaited<ReturnType<typeof spansFixture>>;
  beforeAll(async () => void (fixture = await spansFixture()));

  const expected = (name: string) => fixture.tensors.get(name)!.data;
  const uploaded = (name: string) => tf.tensor(expected(name), fixture.tensors.get(name)!.shape);
  const input = () => ({
    features: uploaded('features'),
    batch: fixture.ranges.length,
    seq: fixture.seq,
    lengths: Int32Array.from(fixture.ranges, ({ start, end }) => end - start + 2),
  });
  const batchOf = (): HeadBatch => ({
    ...input(),
    real: tf.ones([fixture.ranges.length * fixture.seq, 1]),
    pieces: 1,
    windows: fixture.averagedOver,
    targets: fixture.batchTargets.map(({ values, shape }) => tf.tensor(values, shape, 'int32')),
  });

  describe("beside PyTorch's", () => {
    test('has the same scores', () =>
      expectNoLeakedTensors(() => {
        for (const output of ['ner', 'class']) {
          const scores = tf.tidy(() => pairScores(pairParts(input(), output, uploaded)));
          expectClose(take(scores), expected(`scores.${output}`), 1e-5, output);
        }
      }));

    test('has the same loss, gradients and counts, with a span that is cut and one that is too long', () =>
      expectNoLeakedTensors(() => {
        const { head } = fixture;
        const result = tf.tidy(() => {
          const { gradients, ...others } = head.step(batchOf(), uploaded);
          return { ...others, named: Object.fromEntries(gradients) };
        });
        expectClose(take(result.loss), expected('loss'), 1e-5);
        expectClose(take(result.features), expected('features.gradient'), 1e-5);
        expect(Object.keys(result.named)).toEqual(head.parameters.map(({ name }) => name));
        for (const [name, gradient] of Object.entries(result.named))
          expectClose(take(gradient), expected(`${name}.gradient`), 1e-5, name);
        head.outputs.forEach(({ name }, i) =>
          expect([...take(result.counts[i]!)]).toEqual([...expected(`counts.${name}`)]),
        );
      }));

    test('gives the host the same probabilities', () =>
      expectNoLeakedTensors(() => {
        const { head, encoded, ranges, seq, longest, labels } = fixture;
        const outputs = tf.tidy(() => head.predict(input(), uploaded)).map(take);
        const decoding = {} as never;
        for (const [row, range] of ranges.entries()) {
          const collector = head.collect(encoded, [range], decoding);
          collector.add(0, row, seq, outputs);
          const found = collector.scores();
          for (const [i, [name, list]] of Object.entries(labels).entries()) {
            const own = new Float32Array(found[i]!.length);
            for (const { first, last, from, to } of pairsOf(encoded.words, range, longest))
              list.forEach((_, label) => {
                const score = expected(`scores.${name}`)[
                  ((row * list.length + label) * seq + from) * seq + to
                ]!;
                own[(first * longest + last - first) * list.length + label] = 1 / (1 + Math.exp(-score));
              });
            expectClose(found[i]!, own, 1e-5, name);
          }
        }
      }));
  });

  test('has a loss and gradients that are numbers for scores of tens of thousands', () =>
    expectNoLeakedTensors(() => {
      const gold = tf.tensor4d([1, 0, 0, 1, 0, 0, 0, 0], [1, 2, 2, 2]);
      const valid = tf.tensor4d([1, 1, 0, 1], [1, 1, 2, 2]);
      const scores = tf.tensor4d([-4e4, 3e4, 9e4, 2e4, -5e4, -4e4, 8e4, -6e4], [1, 2, 2, 2]);
      const lossOf = tf.valueAndGrad(
        (s: tf.Tensor) => pairLoss(s, { gold, valid }, tf.scalar(1)) as tf.Scalar,
      );
      const { value, grad } = tf.tidy(() => lossOf(scores));
      expectClose(take(value), [3e4 + 4e4], 1e-1); // the worst of what is no span, and of what is one
      expectClose(take(grad), [-1, 1, 0, 0, 0, 0, 0, 0], 1e-6);
      disposeAll(gold, valid, scores);
    }));

  test('has the loss of nothing where no row stands for a word', () =>
    expectNoLeakedTensors(() => {
      const none = tf.zeros([2, 3, 4, 4]);
      const valid = tf.zeros([2, 1, 4, 4]);
      const scores = randomTensor([2, 3, 4, 4], 1);
      expectClose(take(tf.tidy(() => pairLoss(scores, { gold: none, valid }, tf.scalar(1)))), [0], 0);
      expectClose(take(countPairs(scores, { gold: none, valid })), new Float32Array(9), 0);
      disposeAll(none, valid, scores);
    }));

  test('tells thirty labels of a pair apart', () =>
    expectNoLeakedTensors(() => {
      const labels = Array.from({ length: 30 }, (_, i) => `L${i}`);
      const head = headFor({ ner: labels });
      const encoded = encodedWords([0, 1]);
      const some = [0, 1, 23, 24, 29];
      const targets = head.targetsOf({ ner: some.map((label) => wordSpan(`L${label}`, 0, 1)) }, encoded);
      const [, ...bits] = head.batchTargets([{ start: 0, end: 2, encoded, targets }], 4);
      const groups = bits.map(({ values, shape }) => tf.tensor(values, shape, 'int32'));
      const gold = take(unpackBits(groups, 30));
      disposeAll(groups);
      const where = [...gold.entries()].filter(([, one]) => one === 1).map(([at]) => at);
      expect(where).toEqual(some.map((label) => (label * 4 + 1) * 4 + 2));
      expect(gold.every((one) => one === 0 || one === 1)).toBe(true);
    }));
});

/** Every pair of words whose first pieces a window holds, and the rows of those. */
function pairsOf(words: Int32Array, { start, end }: { start: number; end: number }, longest: number) {
  const rows = new Map<number, number>();
  for (let piece = start; piece < end; piece++)
    if (words.indexOf(words[piece]!) === piece) rows.set(words[piece]!, 1 + piece - start);
  return [...rows].flatMap(([first, from]) =>
    [...rows]
      .filter(([last]) => last >= first && last - first < longest)
      .map(([last, to]) => ({ first, last, from, to })),
  );
}
