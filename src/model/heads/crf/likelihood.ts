import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../../../ops/tidy.js';
import { logProduct, NEVER } from './logSemiring.js';

/** Of what kind a row of a batch is: one of three, or none for a window's first unit where the text goes on before it. */
export const kinds = {
  /** A unit after another one of its window. */
  follows: 0,
  /** The first unit of a text. */
  begins: 1,
  /** No unit. */
  none: 2,
  count: 3,
};

/** Where units stand in a batch. n = batch*seq. */
export interface Chain {
  batch: number;
  seq: number;
  kinds: tf.Tensor; // [n, kinds.count]: 1 for a row's kind
  ends: tf.Tensor; // [batch, 1]: 1 where the window's last unit is its text's
}

/** What was learned, and what is possible. */
export interface Numbers {
  emissions: tf.Tensor; // [n, tags]
  moves: tf.Tensor; // [tags + 2, tags]: from each tag to each, at the start, at the end
  possible: Uint8Array; // [(tags + 2) * tags]
}

/** What is learned of a batch: its gold paths, or shares of several. */
export interface Learned {
  tags: tf.Tensor; // [n, tags]: the share of each tag of a unit; of its gold tag 1
  moves: tf.Tensor; // [tags + 2, tags]: how often each move is made, shares summed
}

/**
 * The negative logarithm of the probability that a conditional random field (Lafferty et al. 2001) gives to the gold
 * tags of a batch, or its mean over paths by their shares, summed over the windows → []. What is not possible has no
 * probability, to within e^-85.
 */
export function negativeLogLikelihood(numbers: Numbers, learned: Learned, chain: Chain): tf.Tensor {
  return tidy(() => {
    // Beside what is learned, all are: so that no large numbers remain to be subtracted.
    const { emissions } = numbers;
    const beside = tf.sub(emissions, tf.sum(tf.mul(emissions, learned.tags), 1, true));
    const total = tf.sum(logPartition({ ...numbers, emissions: beside }, chain));
    return tf.sub(total, tf.sum(tf.mul(numbers.moves, learned.moves)));
  });
}

/** The logarithm of the sum of exp(score) over all paths through each window's units → [batch]. */
export function logPartition(
  { emissions, moves, possible }: Numbers,
  { batch, seq, kinds: kindsOf, ends }: Chain,
): tf.Tensor {
  return tidy(() => {
    const tags = moves.shape[1]!;
    const forbidden = tf.tensor2d(
      Float32Array.from(possible, (one) => (one ? 0 : NEVER)),
      [tags + 2, tags],
    );
    const allowed = tf.add(moves, forbidden);
    const row = (at: number, count: number) => tf.slice(allowed, [at, 0], [count, tags]);

    // A path goes through one matrix a row: from the tag before to the tag here. Whatever tag comes before its beginning,
    // the first unit's matrix has the same row, so that one row of the product is enough.
    const ofKinds = tf.stack([row(0, tags), tf.tile(row(tags, 1), [tags, 1]), logIdentity(tags)]); // [kinds.count, tags, tags]
    const unit = tf.sub(1, tf.slice(kindsOf, [0, kinds.none], [batch * seq, 1])); // [n, 1]
    const ofMoves = tf.matMul(kindsOf as tf.Tensor2D, tf.reshape(ofKinds, [kinds.count, tags * tags]));
    const here = tf.reshape(tf.mul(emissions, unit), [batch, seq, 1, tags]);
    const matrices = tf.add(tf.reshape(ofMoves, [batch, seq, tags, tags]), here) as tf.Tensor4D;

    const paths = tf.slice(logProduct(matrices), [0, 0, 0], [batch, 1, tags]);
    const ended = tf.add(tf.reshape(paths, [batch, tags]), tf.mul(ends, row(tags + 1, 1)));
    return tf.logSumExp(ended, 1);
  });
}

function logIdentity(tags: number): tf.Tensor {
  const values = new Float32Array(tags * tags).fill(NEVER);
  for (let tag = 0; tag < tags; tag++) values[tag * tags + tag] = 0;
  return tf.tensor2d(values, [tags, tags]);
}
