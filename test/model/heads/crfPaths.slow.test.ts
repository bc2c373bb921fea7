import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { randomFrom } from '../../../src/data/random.js';
import { kinds, logPartition } from '../../../src/model/heads/crf/likelihood.js';
import { logProduct } from '../../../src/model/heads/crf/logSemiring.js';
import { possibleMoves } from '../../../src/model/heads/crf/tags.js';
import { bestPath } from '../../../src/model/heads/crf/viterbi.js';
import { allPaths, logSum, outputOf, partitionByRecurrence, type ChainCase } from '../../support/chains.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { expectClose, randomNumbers, randomTensor, take } from '../../support/tensors.js';

/** Random numbers up to `scale` on a random share of `seq` rows. */
function chainCase(
  seed: number,
  seq: number,
  { scheme = 'BIO' as const, scale = 3, labels = ['A', 'B'] } = {},
): ChainCase {
  const random = randomFrom(seed);
  const possible = possibleMoves(outputOf(scheme, labels));
  const tags = labels.length * (scheme === 'BIO' ? 2 : 1) + 1;
  const share = random.next();
  return {
    tags,
    possible,
    emissions: randomNumbers(seq * tags, seed).map((x) => x * scale),
    moves: randomNumbers((tags + 2) * tags, seed + 1000).map((x) => x * scale),
    units: Array.from({ length: seq }, (_, row) => row).filter(() => random.next() < share),
    begins: random.next() < 0.5,
    ends: random.next() < 0.5,
  };
}

/** The log-partitions of cases with the same moves, and the gradient of their sum. */
function partitions(cases: ChainCase[], seq: number) {
  const { tags, moves, possible } = cases[0]!;
  const kindsOf = new Float32Array(cases.length * seq * kinds.count);
  for (let row = 0; row < cases.length * seq; row++) kindsOf[row * kinds.count + kinds.none] = 1;
  for (const [number, { units, begins }] of cases.entries())
    for (const [i, row] of units.entries()) {
      const at = (number * seq + row) * kinds.count;
      kindsOf[at + kinds.none] = 0;
      if (i > 0) kindsOf[at + kinds.follows] = 1;
      else if (begins) kindsOf[at + kinds.begins] = 1;
    }
  const emissions = Float32Array.from(cases.flatMap((one) => [...one.emissions]));
  const ends = cases.map(({ ends: isEnd, units }) => Number(isEnd && units.length > 0));
  return tf.tidy(() => {
    const chain = {
      batch: cases.length,
      seq,
      kinds: tf.tensor2d(kindsOf, [cases.length * seq, kinds.count]),
      ends: tf.tensor2d(ends, [cases.length, 1]),
    };
    const compute = (e: tf.Tensor, m: tf.Tensor) => logPartition({ emissions: e, moves: m, possible }, chain);
    const given: [tf.Tensor, tf.Tensor] = [
      tf.tensor2d(emissions, [cases.length * seq, tags]),
      tf.tensor2d(moves, [tags + 2, tags]),
    ];
    const [ofEmissions, ofMoves] = tf.grads((e, m) => tf.sum(compute(e!, m!)))(given);
    const values = compute(...given).dataSync() as Float32Array;
    return { values, emissions: take(ofEmissions!), moves: take(ofMoves!) };
  });
}

describeEngines('the log-partition of chains', () => {
  test.each([1, 2, 3, 5, 6])(
    'is the sum over all paths, and its gradient what each tag and move has of it, on %i rows',
    (seq) => {
      const [first, ...others] = Array.from({ length: 6 }, (_, i) => chainCase(10 * seq + i, seq));
      const cases = [first!, ...others.map((one) => ({ ...one, moves: first!.moves }))];
      const { tags } = first!;
      const expected = cases.map(() => 0);
      const [ofEmissions, ofMoves] = [
        new Float32Array(cases.length * seq * tags),
        new Float32Array(first!.moves.length),
      ];
      for (const [number, one] of cases.entries()) {
        const { units, begins, ends } = one;
        const paths = allPaths(one);
        const total = logSum(paths.map(({ score }) => score));
        expected[number] = total;
        for (const { path, score } of paths) {
          const share = Math.exp(score - total);
          for (const [i, tag] of path.entries()) {
            ofEmissions[(number * seq + units[i]!) * tags + tag]! += share;
            if (i > 0) ofMoves[path[i - 1]! * tags + tag]! += share;
            else if (begins) ofMoves[tags * tags + tag]! += share;
          }
          if (ends && path.length > 0) ofMoves[(tags + 1) * tags + path.at(-1)!]! += share;
        }
      }
      const actual = partitions(cases, seq);
      expectClose(actual.values, expected, 1e-4);
      expectClose(actual.emissions, ofEmissions, 1e-4);
      expectClose(actual.moves, ofMoves, 1e-4);
    },
  );

  test.each([
    [16, 10],
    [100, 3],
  ])('is that of the plain recurrence on %i rows of numbers up to %i', (seq, scale) => {
    const [first, ...others] = [1, 2, 3].map((seed) =>
      chainCase(seed, seq, { scale, labels: ['A', 'B', 'C'] }),
    );
    const cases = [first!, ...others.map((one) => ({ ...one, moves: first!.moves }))];
    const expected = cases.map(partitionByRecurrence);
    const { values } = partitions(cases, seq);
    expected.forEach((one, i) => expectClose([values[i]!], [one], 1e-5 * (1 + Math.abs(one))));
  });

  test('is finite, and so is its gradient, where what is certain cannot be', () => {
    const given = { ...chainCase(1, 8), units: [0, 1, 2, 3, 4, 5, 6, 7], begins: true, ends: true };
    given.emissions.fill(0);
    for (const row of given.units) given.emissions[row * given.tags + (row % 2 === 0 ? 0 : 2)] = 400; // O, I-A, O, …
    const { values, emissions, moves } = partitions([given], 8);
    const all = [...values, ...emissions, ...moves];
    expect(all.every(Number.isFinite)).toBe(true);
  });

  test('leaves no tensors', () =>
    expectNoLeakedTensors(() => {
      const x = randomTensor([2, 5, 3, 3], 1) as tf.Tensor4D;
      const dx = tf.tidy(() => tf.grad((matrices) => tf.sum(logProduct(matrices as tf.Tensor4D)))(x));
      tf.dispose([x, dx, logProduct(x)]);
    }));
});

describe('the best path', () => {
  const bestOf = ({ tags, emissions, moves, possible, units }: ChainCase) => {
    const ofUnits = Float32Array.from(
      units.flatMap((row) => [...emissions.subarray(row * tags, (row + 1) * tags)]),
    );
    return [...bestPath({ emissions: ofUnits, moves }, possible, tags)];
  };

  test('is the best of all', () => {
    for (let seed = 0; seed < 60; seed++) {
      const given = { ...chainCase(seed, seed % 7), begins: true, ends: true };
      const best = allPaths(given).reduce((one, other) => (other.score > one.score ? other : one));
      expect(bestOf(given)).toEqual(best.path);
    }
  });

  test('has possible moves alone, however much speaks against them', () => {
    const given = { ...chainCase(1, 4), units: [0, 1, 2, 3] };
    given.emissions.fill(0);
    for (const row of given.units) given.emissions[row * given.tags + 2] = 1e6; // I-A
    expect(bestOf(given)).toEqual([1, 2, 2, 2]);
  });

  test('is that of the smaller tags where several are as good', () => {
    const given = { ...chainCase(1, 3), units: [0, 1, 2] };
    given.emissions.fill(0);
    given.moves.fill(0);
    expect(bestOf(given)).toEqual([0, 0, 0]);
  });

  test('of no units is empty', () => {
    expect(bestOf({ ...chainCase(1, 3), units: [] })).toEqual([]);
  });
});
