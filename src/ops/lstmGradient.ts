import * as tf from '@tensorflow/tfjs-core';
import { sumRows } from './linear.js';
import type { LstmCells, LstmShape, LstmWeights } from './lstmCells.js';
import { product } from './product.js';
import { tidy } from './tidy.js';

export interface LstmGradient {
  input?: tf.Tensor; // [seq*batch, in]
  weights: LstmWeights;
}

/**
 * Back-propagation through time, both directions of an LSTM in one pass, for dys, each [seq*batch, units].
 * Only what depends on the step after goes step by step; the rest, weights' gradients above all, are
 * products and factors over the whole sequence.
 */
export function lstmGradient(
  dys: tf.Tensor[],
  cells: LstmCells[],
  weights: LstmWeights[],
  { batch, seq }: LstmShape,
  wanted: { input: boolean },
): LstmGradient[] {
  return tidy(() => {
    const units = weights[0]!.recurrent.shape[1]!;
    const dGates = gatesThroughTime(
      dys.map((dy) => tf.reshape(dy, [seq, batch, units])),
      cells,
      tf.stack(weights.map(({ recurrent }) => recurrent)),
    );
    return dGates.map((gates, direction) => {
      const { rows, output } = cells[direction]!;
      const all = tf.reshape(gates, [seq * batch, 4 * units]);
      const previous = tf.reshape(delayed(output), [seq * batch, units]);
      return {
        input: wanted.input ? product(all, weights[direction]!.input) : undefined,
        weights: {
          input: product(all, tf.reshape(rows, [seq * batch, rows.shape[2]!]), true, false),
          recurrent: product(all, previous, true, false),
          bias: sumRows(all),
        },
      };
    });
  });
}

/** Gradients of the gates before their activation, per direction [seq, batch, 4*units]. */
function gatesThroughTime(dys: tf.Tensor[], cells: LstmCells[], recurrent: tf.Tensor): tf.Tensor[] {
  return tidy(() => {
    const both = (part: (cells: LstmCells) => tf.Tensor) => tf.stack(cells.map(part), 1); // [seq, 2, batch, units]
    const own = tf.unstack(tf.stack(dys, 1));
    const forget = tf.unstack(both(({ f }) => f));
    const toCell = tf.unstack(both(({ o, squashed }) => tf.mul(o, oneMinus(tf.square(squashed)))));
    const toGates = tf.unstack(both(gateFactors)); // each [2, batch, 4*units]
    const dGates = new Array<tf.Tensor>(own.length);
    let dCell: tf.Tensor | undefined;
    for (let t = own.length - 1; t >= 0; t--) {
      const step: { dGates: tf.Tensor; dCell: tf.Tensor } = tidy(() => {
        const after = dGates[t + 1];
        const dOutput = after ? tf.add(own[t]!, tf.matMul(after, recurrent)) : own[t]!; // [2, batch, units]
        const through = tf.mul(dOutput, toCell[t]!);
        const cell = dCell ? tf.add(through, tf.mul(dCell, forget[t + 1]!)) : through;
        return { dGates: tf.mul(tf.concat([cell, cell, cell, dOutput], 2), toGates[t]!), dCell: cell };
      });
      dGates[t] = step.dGates;
      dCell = step.dCell;
    }
    return tf.unstack(tf.stack(dGates), 1);
  });
}

/** What turns the gradient of the cell (for i, f, g) and of the output (for o) into the gates' [seq, batch, 4*units]. */
function gateFactors({ i, f, g, o, cell, squashed }: LstmCells): tf.Tensor {
  return tidy(() =>
    tf.concat(
      [
        tf.mul(g, slope(i)),
        tf.mul(delayed(cell), slope(f)),
        tf.mul(i, oneMinus(tf.square(g))),
        tf.mul(squashed, slope(o)),
      ],
      2,
    ),
  );
}

/** The values of the step before [seq, batch, units]: zeros, then all but the last. */
function delayed(x: tf.Tensor): tf.Tensor {
  const [seq, batch, units] = x.shape as [number, number, number];
  return tidy(() =>
    tf.concat([tf.zeros([1, batch, units]), tf.slice(x, [0, 0, 0], [seq - 1, batch, units])]),
  );
}

/** Derivative of the sigmoid from its value. */
function slope(sigmoid: tf.Tensor): tf.Tensor {
  return tidy(() => tf.mul(sigmoid, oneMinus(sigmoid)));
}

function oneMinus(x: tf.Tensor): tf.Tensor {
  return tf.sub(1, x);
}
