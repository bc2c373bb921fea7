import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Targets } from '../../../src/data/examples.js';
import { chainsOf, potentialsOf } from '../../../src/model/heads/crf/chains.js';
import { tagCount } from '../../../src/model/heads/crf/tags.js';
import { crfTargets, partsOfTargets } from '../../../src/model/heads/crf/targets.js';
import { allPaths, chainHead, logSum } from '../../support/chains.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { expectClose, randomNumbers, take } from '../../support/tensors.js';
import { encodedWords, wordSpan } from '../../support/words.js';

const UNITS = 3;
const WIDTH = 6;
const text = encodedWords(Array.from({ length: UNITS }, (_, word) => word));
const gold = { ner: [wordSpan('A', 1, 2)], class: [wordSpan('X', 1, 2)] };
const labels = { ner: ['A'], class: ['X', 'Y'] };
const windowings = {
  'in one window': [{ start: 0, end: UNITS }],
  'in two': [
    { start: 0, end: 2 },
    { start: 2, end: UNITS },
  ],
  'in two that see more than is scored': [
    { start: 0, end: 3, scored: { start: 0, end: 2 } },
    { start: 1, end: UNITS, scored: { start: 2, end: UNITS } },
  ],
};

/** Of one output or of both together, with teachers' scores of the text. */
function given(agree: boolean) {
  const head = chainHead(labels, { agree, width: WIDTH });
  const scores = head.outputs.map(({ channels: { length } }, i) =>
    randomNumbers((UNITS + length + 3) * (length + 1), 30 + i).map((x) => 2 * x),
  );
  return { head, scores, chains: chainsOf(head.outputs, agree), targets: head.targetsOf(gold, text) };
}

/** All paths of a chain through the text, with their probabilities by the teachers. */
function pathsOf({ scores, chains }: ReturnType<typeof given>, number: number) {
  const chain = chains[number]!;
  const potentials = potentialsOf(chain, scores);
  const paths = allPaths({
    tags: tagCount(chain.output),
    possible: chain.possible,
    begins: true,
    ends: true,
    emissions: Float32Array.from(potentials.emissions),
    moves: Float32Array.from(potentials.moves),
    units: Array.from({ length: UNITS }, (_, unit) => unit),
  });
  const total = logSum(paths.map(({ score }) => score));
  return paths.map(({ path, score }) => ({ path, share: Math.exp(score - total) }));
}

/** Loss, counts and gradients of a step on the text. */
function stepped(
  { head }: ReturnType<typeof given>,
  targets: Targets,
  windows: (typeof windowings)[keyof typeof windowings],
) {
  const seq = UNITS + 2;
  const rows = windows.length * seq;
  const result = tf.tidy(() => {
    const onDevice = head
      .batchTargets(
        windows.map((window) => ({ ...window, encoded: text, targets })),
        seq,
      )
      .map(({ values, shape }) => tf.tensor(Float32Array.from(values), shape));
    const weights = (name: string) => {
      const { shape } = head.parameters.find((one) => one.name === name)!;
      return tf.tensor(randomNumbers(tf.util.sizeFromShape(shape), name.length), shape);
    };
    const { gradients, ...step } = head.step(
      {
        features: tf.tensor2d(randomNumbers(rows * WIDTH, 4), [rows, WIDTH]),
        batch: windows.length,
        seq,
        lengths: Int32Array.from(windows, () => seq),
        real: tf.zeros([rows, 1]),
        pieces: UNITS,
        windows: windows.length,
        targets: onDevice,
      },
      weights,
    );
    return { ...step, ofParameters: [...gradients.values()] };
  });
  const values = {
    loss: take(result.loss)[0]!,
    counts: result.counts.map((one) => [...take(one)]),
    gradients: [result.features, ...result.ofParameters].flatMap((one) => [...take(one)]),
  };
  return values;
}

describeEngines(
  'a chain that learns from others',
  () => {
    describe.each([
      ['of each task', false],
      ['of tasks that agree', true],
    ])('%s', (_, agree) => {
      test.each(Object.entries(windowings))(
        'has the loss and gradients that are expected of a path drawn as they say, %s',
        (_, windows) => {
          const all = given(agree);
          const { head, scores, chains, targets } = all;
          const WEIGHT = 0.7;
          const { pieces, tags } = partsOfTargets(targets, chains.length);
          // Chains add to the loss: of each the paths are tried, while the others are gold.
          const hard = stepped(all, targets, windows);
          const sums = hard.gradients.map(() => 0);
          let loss = 0;
          chains.forEach((_, number) => {
            for (const { path, share } of pathsOf(all, number)) {
              const own = tags.map((gold, i) => (i === number ? Uint8Array.from(path) : gold));
              const tried = stepped(all, crfTargets(pieces, own), windows);
              loss += share * (tried.loss - hard.loss);
              tried.gradients.forEach((x, i) => (sums[i]! += share * (x - hard.gradients[i]!)));
            }
          });
          const gradients = sums.map((x, i) => hard.gradients[i]! + WEIGHT * x);

          const soft = stepped(all, head.soften!(targets, scores, WEIGHT), windows);
          expect(Math.abs(soft.loss - hard.loss)).toBeGreaterThan(0.05);
          expectClose([soft.loss], [hard.loss + WEIGHT * loss], 1e-3);
          expectClose(soft.gradients, gradients, 1e-3);
          expect(soft.counts).toEqual(hard.counts); // against the gold tags
        },
      );

      test.each([
        ['where nobody teaches', false, 0.5],
        ['where teachers have no say', true, 0],
      ])('learns its labels %s, to the bit', (_, isTaught, weight) => {
        const all = given(agree);
        const soft = all.head.soften!(all.targets, isTaught ? all.scores : undefined, weight);
        for (const windows of Object.values(windowings))
          expect(stepped(all, soft, windows)).toEqual(stepped(all, all.targets, windows));
      });

      test('is counted and found positive by its labels', () => {
        const { head, scores, targets } = given(agree);
        const soft = head.soften!(targets, scores, 1);
        expect(head.count(scores, soft, text)).toEqual(head.count(scores, targets, text));
        for (let start = 0; start < UNITS; start++) {
          const range = { start, end: start + 1 };
          expect(head.isPositive(soft, text, range)).toBe(head.isPositive(targets, text, range));
        }
      });
    });

    test('learns nothing of a text without words', () => {
      const { head } = given(false);
      const empty = encodedWords([]);
      const scores = head.collect(empty, [], {} as never).scores();
      const soft = head.soften!(head.targetsOf({}, empty), scores, 0.5);
      const [, , ...chains] = head.batchTargets([{ start: 0, end: 0, encoded: empty, targets: soft }], 2);
      for (const { values } of chains) expect(values.some((one) => one !== 0)).toBe(false);
    });

    test('leaves no tensors', () =>
      expectNoLeakedTensors(() => {
        const all = given(true);
        stepped(all, all.head.soften!(all.targets, all.scores, 0.5), windowings['in two']);
      }));
  },
  ['native'],
);
