import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Batch } from '../data/batches.js';
import type { Compiler } from '../compile/compile.js';
import {
  countPieces,
  lossAndGradients,
  upload,
  type LossAndGradients,
  type ModelDropout,
} from '../model/model.js';
import { readParameters, trainedNames, type Parameters } from '../model/parameters.js';
import type { Trainable } from '../model/part.js';
import { tidy } from '../ops/tidy.js';
import type { GradientSums } from './gradientSums.js';
import { countedOnce, optimizerStep, sharedNumbers, type OptimizerOptions } from './optimizer.js';

export interface StepOptions {
  trainable: Trainable;
  dropout: ModelDropout;
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
  /** By output: true positives, false positives, false negatives [3, …]. */
  counts: tf.Tensor[];
}

/** One training step: forward, backward, update. The result's tensors are the caller's. */
export function trainStep(parameters: Parameters, batch: Batch, options: StepOptions): StepResult {
  const { optimizer, rate, trainable, compiler } = options;
  const shape = `${shapeOf(batch)} ${options.hidden ? 'hidden' : ''}`;
  return inOneCall(parameters, { shape, trainable }, compiler, () => {
    const { gradients, ...result } = passes(parameters, batch, options);
    return { ...result, gradientNorm: optimizerStep(parameters.slots, gradients, rate, optimizer) };
  });
}

/** A part of a step's batch that is computed at once. */
export interface Part {
  batch: Batch;
  /** As in `StepOptions`. */
  hidden?: tf.Tensor;
}

/**
 * The same for a batch in parts, one after the other, so that only one part's activations are held: gradients
 * are summed in `sums`, then clipped and applied once. Each part weighs as much as it has pieces, as if they
 * were one batch; the seeds of their masks are `seed` and those after it.
 */
export function accumulatedStep(
  parameters: Parameters,
  parts: Part[],
  sums: GradientSums,
  { hidden: _, ...options }: StepOptions,
): StepResult {
  const { compiler, trainable, optimizer, rate, seed } = options;
  const pieces = Math.max(1, parts.reduce((sum, { batch }) => sum + countPieces(batch), 0)); // prettier-ignore
  const windows = parts.reduce((sum, { batch }) => sum + batch.batch, 0);
  const results = parts.map(({ batch, hidden }, index) => {
    const isFirst = index === 0;
    const shape = `${shapeOf(batch)} ${hidden ? 'hidden' : ''} ${isFirst ? 'sums' : 'adds'}`;
    return inOneCall(parameters, { shape, trainable }, compiler, () => {
      const one = {
        ...options,
        whole: { pieces, windows },
        seed: (seed + index) % SEEDS,
        hidden,
      };
      const { gradients, ...result } = passes(parameters, batch, one);
      for (const [name, gradient] of gradients)
        if (isFirst) sums.get(name).assign(gradient);
        else sums.get(name).add(gradient);
      return result;
    });
  });
  const gradientNorm = inOneCall(parameters, { shape: 'update', trainable }, compiler, () => {
    const gradients = new Map(sums.names(trainable).map((name) => [name, sums.get(name).read()]));
    return optimizerStep(parameters.slots, gradients, rate, optimizer);
  });
  return tidy(() => {
    const total = (tensors: tf.Tensor[]) => tf.addN(tensors);
    const counts = results[0]!.counts.map((_, output) => total(results.map((one) => one.counts[output]!)));
    const loss = total(results.map((one) => one.loss));
    tf.dispose(results as unknown as tf.TensorContainer);
    return { loss, counts, gradientNorm };
  });
}

/** Computes a step but for its update, and throws it away: does the device have the memory? */
export async function tryStep(parameters: Parameters, batch: Batch, options: StepOptions): Promise<void> {
  await take(tidy(() => passes(parameters, batch, options).loss));
}

/** Seeds are below it. */
export const SEEDS = 0x7fffffff;

/** Forward and backward. Where the batch is a part, `whole` is what all parts have. */
function passes(
  parameters: Parameters,
  batch: Batch,
  options: StepOptions & { whole?: { pieces: number; windows: number } },
): LossAndGradients {
  const { weights, values } = readParameters(parameters);
  const device = upload(batch, parameters.held.rowOf);
  const result = lossAndGradients(
    parameters.model,
    weights,
    { ...device, ...options.whole },
    {
      trainable: options.trainable,
      dropout: options.dropout,
      masks: { seed: options.seed, drawn: 0 },
      hidden: options.hidden,
    },
  );
  tf.dispose(values);
  return result;
}

function inOneCall<T>(
  parameters: Parameters,
  { shape, trainable }: { shape: string; trainable: Trainable },
  compiler: Compiler | undefined,
  work: () => T,
): T {
  const slots = trainedNames(parameters, trainable).map((name) => parameters.slots.get(name)!);
  const key = `${shape} ${partsOf(trainable)} ${sharedNumbers(slots)}`;
  const step = countedOnce(slots, () => tidy(work));
  return compiler ? compiler.run(key, step) : step();
}

const shapeOf = ({ batch, seq }: Batch) => `${batch} ${seq}`;
const partsOf = ({ embeddings, layers }: Trainable) => [embeddings, ...layers].map(Number).join(' ');
