import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isNative } from '../backend/native.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

/**
 * Rows of x [rows, width] by their numbers [n] → [n, width]. TensorFlow.js' own gather reads the numbers on tfjs-node, to
 * check them, and so waits for whatever computes them: they must be right.
 */
export function gatherRows(x: tf.Tensor, numbers: tf.Tensor1D): tf.Tensor {
  if (!isNative() || isRecording()) return tf.gather(x, numbers);
  const attributes = {
    Tparams: attribute.type('float32'),
    Tindices: attribute.type('int32'),
    Taxis: attribute.type('int32'),
    batch_dims: attribute.int(0),
  };
  return tidy(() => executeOp('GatherV2', attributes, [x, numbers, tf.scalar(0, 'int32')])[0]!);
}
