import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.js';
import type { Compiler } from '../compile/compile.js';
import type { Trainable } from '../model/encoder/encoder.js';
import { lossAndGradients, upload, type JointDropout } from '../model/joint.js';
import { readParameters, type Parameters } from '../model/parameters.js';
import { tidy } from '../ops/tidy.js';
import { optimizerStep, type OptimizerOptions } from './optimizer.js';

export interface StepOptions {
  trainable: Trainable;
  dropout: JointDropout;
  optimizer: OptimizerOptions;
  /** Rate of the encoder in this step. */
  rate: number;
  /** Seed of this step's dropout masks. */
  seed: number;
  /** Output of a frozen encoder for this batch [batch*seq, hidden]; stays the caller's. */
  hidden?: tf.Tensor;
  /** Runs the steps of full batches as one call of TensorFlow; op by op without it. */
  compiler?: Compiler;
}

/** What a step adds to the log, on the device. */
export interface StepResult {
  loss: tf.Tensor; // []
  gradientNorm: tf.Tensor; // []
  /** Per head: true positives, false positives, false negatives [3, channels]. */
  counts: tf.Tensor[];
}

/** One training step: forward, backward, update. The result's tensors are the caller's. */
export function trainStep(parameters: Parameters, batch: Batch, options: StepOptions): StepResult {
  const slots = [...parameters.slots.values()];
  const updates = slots.map((slot) => slot.updates);
  const step = () => {
    slots.forEach((slot, i) => (slot.updates = updates[i]!)); // counted already by a try to compile the step
    return opByOp(parameters, batch, options);
  };
  if (!options.compiler) return step();
  const { embeddings, layers } = options.trainable;
  const key = [
    batch.batch,
    batch.seq,
    options.hidden ? 'hidden' : '',
    Number(embeddings),
    ...layers.map(Number),
  ];
  return options.compiler.run(key.join(' '), step);
}

function opByOp(parameters: Parameters, batch: Batch, options: StepOptions): StepResult {
  return tidy(() => {
    const { weights, values } = readParameters(parameters);
    const device = upload(batch, parameters.config.heads, parameters.held.rowOf);
    const { loss, gradients, counts } = lossAndGradients(parameters.config, weights, device, {
      trainable: options.trainable,
      dropout: options.dropout,
      masks: { seed: options.seed, drawn: 0 },
      ...(options.hidden && { hidden: options.hidden }),
    });
    tf.dispose(values);
    const gradientNorm = optimizerStep(parameters.slots, gradients, options.rate, options.optimizer);
    return { loss, gradientNorm, counts };
  });
}
