import * as tf from '@tensorflow/tfjs-core';
import { linear } from './linear.js';
import type { LstmCells, LstmShape, LstmWeights } from './lstmCells.js';
import { product } from './product.js';
import { tidy } from './tidy.js';

/**
 * An LSTM step by step, on any engine: rows [seq*batch, in] in time-major order. The input's part of all
 * gates is one large product; only the recurrent part goes step by step.
 */
export function stepwiseLstm(rows: tf.Tensor, weights: LstmWeights, { batch, seq }: LstmShape): LstmCells {
  return tidy(() => {
    const units = weights.recurrent.shape[1]!;
    const inputs = linear(rows, weights.input, weights.bias); // [seq*batch, 4*units]
    const steps: Omit<LstmCells, 'rows'>[] = [];
    for (let t = 0; t < seq; t++) {
      const own = tf.slice(inputs, [t * batch, 0], [batch, 4 * units]);
      steps.push(lstmStep(own, weights.recurrent, steps[t - 1]));
      own.dispose();
    }
    const stacked = (name: keyof (typeof steps)[number]) => tf.stack(steps.map((step) => step[name]));
    return {
      rows: tf.reshape(rows, [seq, batch, rows.shape[1]!]),
      i: stacked('i'),
      f: stacked('f'),
      g: stacked('g'),
      o: stacked('o'),
      cell: stacked('cell'),
      squashed: stacked('squashed'),
      output: stacked('output'),
    };
  });
}

function lstmStep(
  own: tf.Tensor,
  recurrent: tf.Tensor,
  previous: { output: tf.Tensor; cell: tf.Tensor } | undefined,
): Omit<LstmCells, 'rows'> {
  return tidy(() => {
    const sum = previous ? tf.add(own, product(previous.output, recurrent, false, true)) : own;
    const [ofI, ofF, ofG, ofO] = tf.split(sum, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]; // [batch, units]
    const [i, f, g, o] = [tf.sigmoid(ofI), tf.sigmoid(ofF), tf.tanh(ofG), tf.sigmoid(ofO)];
    const added = tf.mul(i, g);
    const cell = previous ? tf.add(tf.mul(f, previous.cell), added) : added;
    const squashed = tf.tanh(cell);
    return { i, f, g, o, cell, squashed, output: tf.mul(o, squashed) };
  });
}
