import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import { eagerly, type Compiler, type Fed } from '../compile/compile.js';
import type { Config } from '../config/schema.js';
import type { Batch } from '../data/batches.js';
import { batchInputs, countPieces, onEngine, type BatchInputs } from '../model/inputs.js';
import { lossAndGradients, type LossAndGradients, type ModelDropout } from '../model/model.js';
import { handlesOf, readParameters, trainedNames, type Parameters } from '../model/parameters.js';
import { wordTable, type Gradients, type Trainable, type Weights } from '../model/part.js';
import type { AdamNumbers } from '../ops/adam.js';
import { tidy } from '../ops/tidy.js';
import { withAdversary } from './adversarial.js';
import { moveAverages } from './averages.js';
import type { GradientSums } from './gradientSums.js';
import { nextUpdates, optimizerStep, updateKey, type OptimizerOptions, type Updates } from './optimizer.js';

export interface StepOptions {
  trainable: Trainable;
  dropout: ModelDropout;
  optimizer: OptimizerOptions & Pick<Config['training'], 'adversarialEpsilon' | 'labelWeights'>;
  /** Rate of the encoder in this step. */
  rate: number;
  /** Seed of this step's dropout masks. */
  seed: number;
  /** How far averages of the weights move to them, where they are held. */
  averageShare?: number;
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

/**
 * One training step: forward, backward, update. The result's tensors are the caller's. What changes from step to step
 * is an input of it: the batch, the seed, and the numbers of the update. What else decides what it does is in its key.
 */
export function trainStep(parameters: Parameters, batch: Batch, options: StepOptions): StepResult {
  const { optimizer, rate, trainable } = options;
  const updates = nextUpdates(parameters.slots, trainedNames(parameters, trainable), rate, optimizer);
  const inputs = {
    ...passInputs(parameters, batch, options),
    updates: updates.numbers,
    averageShare: options.averageShare,
    variables: handlesOf(parameters.slots.values()),
  };
  const key = `${passKey(batch, options)} ${updateKey(updates, optimizer)}`;
  return inOneCall(key, inputs, options, (fed) => {
    const { gradients, ...result } = passes(parameters, batch, fed, options);
    return { ...result, gradientNorm: update(parameters, gradients, updates, fed, optimizer) };
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
  const { trainable, optimizer, rate, seed, averageShare } = options;
  const pieces = Math.max(1, parts.reduce((sum, { batch }) => sum + countPieces(batch), 0)); // prettier-ignore
  const windows = parts.reduce((sum, { batch }) => sum + batch.batch, 0);
  const names = sums.names(trainable);
  const own = names.flatMap((name) => sums.get(name).handle ?? []);
  const variables = [...handlesOf(parameters.slots.values()), ...own];
  const results: Pick<StepResult, 'loss' | 'counts'>[] = [];
  const computePart = ({ batch, hidden }: Part, index: number) => {
    const isFirst = index === 0;
    const one = { ...options, seed: (seed + index) % SEEDS, hidden };
    const inputs = { ...passInputs(parameters, batch, one), pieces, windows, variables };
    return inOneCall(`${passKey(batch, one)} ${isFirst ? 'sums' : 'adds'}`, inputs, one, (fed) => {
      const { gradients, ...result } = passes(parameters, batch, fed, one);
      for (const [name, gradient] of gradients)
        if (isFirst) sums.get(name).assign(gradient);
        else sums.get(name).add(gradient);
      return result;
    });
  };
  try {
    for (const [index, part] of parts.entries()) results.push(computePart(part, index));
  } catch (error) {
    tf.dispose(results as unknown as tf.TensorContainer);
    throw error;
  }
  const updates = nextUpdates(parameters.slots, names, rate, optimizer);
  const inputs = { updates: updates.numbers, averageShare, variables };
  const key = `update ${partsOf(trainable)} ${updateKey(updates, optimizer)}`;
  const gradientNorm = inOneCall(key, inputs, options, (fed) => {
    const gradients = new Map(names.map((name) => [name, sums.get(name).read()]));
    return update(parameters, gradients, updates, fed, optimizer);
  });
  return tidy(() => {
    const total = (tensors: tf.Tensor[]) => tf.addN(tensors);
    const counts = results[0]!.counts.map((_, output) => total(results.map((one) => one.counts[output]!)));
    const loss = total(results.map((one) => one.loss));
    tf.dispose(results as unknown as tf.TensorContainer);
    return { loss, counts, gradientNorm };
  });
}

/** Changes the weights, and their averages. Returns the gradients' norm, on the device. */
function update(
  parameters: Parameters,
  gradients: Gradients,
  { numberOf }: Updates,
  { updates, averageShare }: { updates: readonly AdamNumbers[]; averageShare: tf.Tensor | undefined },
  options: OptimizerOptions,
): tf.Tensor {
  const norm = optimizerStep(parameters.slots, gradients, { numberOf, numbers: updates }, options);
  if (averageShare) moveAverages(parameters, averageShare);
  return norm;
}

/** Computes a step but for its update, and throws it away: does the device have the memory? */
export async function tryStep(parameters: Parameters, batch: Batch, options: StepOptions): Promise<void> {
  const inputs = passInputs(parameters, batch, options);
  await take(eagerly(inputs, (fed) => passes(parameters, batch, fed, options).loss));
}

/** Seeds are below it. */
const SEEDS = 0x7fffffff;

/**
 * Seed of the dropout masks and hidden words of a step: of the run's seed and the step alone, so that a run that goes on
 * draws the same.
 */
export function stepSeed(seed: number, step: number): number {
  return (seed * 100_003 + step) % SEEDS;
}

/** What forward and backward pass are given. */
function passInputs(parameters: Parameters, batch: Batch, { hidden, compiler, seed }: StepOptions) {
  return {
    ...batchInputs(batch, parameters.held.rowOf),
    hidden,
    seed: compiler && { values: Int32Array.of(seed), shape: [] },
  };
}

/** What else decides what they do, beside the model. */
function passKey({ batch, seq }: Batch, { hidden, trainable, dropout, optimizer }: StepOptions): string {
  const rates = [dropout.dropout, dropout.attentionDropout, dropout.trunk, optimizer.adversarialEpsilon];
  const weights = JSON.stringify(optimizer.labelWeights);
  return `${batch} x ${seq}${hidden ? ' hidden' : ''} ${partsOf(trainable)} ${rates.join(' ')} ${weights}`;
}

/** Forward and backward, with today's inputs. */
function passes(
  parameters: Parameters,
  { batch, seq }: Batch,
  fed: Fed<BatchInputs> & { hidden?: tf.Tensor; seed?: tf.Tensor },
  { trainable, dropout, seed, optimizer: { adversarialEpsilon, labelWeights } }: StepOptions,
): LossAndGradients {
  const { model } = parameters;
  const { weights: current, values } = readParameters(parameters);
  const device = { ...fed, ...onEngine(fed), batch, seq, labelWeights };
  const masks = { seed: fed.seed ?? seed, drawn: 0 };
  const options = { trainable, dropout, masks, hidden: fed.hidden };
  const compute = (weights: Weights) => lossAndGradients(model, weights, device, options);
  const table = wordTable(model.parameters).name;
  const result =
    adversarialEpsilon === null
      ? compute(current)
      : withAdversary({ table, epsilon: adversarialEpsilon }, current, compute);
  tf.dispose(values);
  return result;
}

function inOneCall<I, T>(
  key: string,
  inputs: I,
  { compiler }: Pick<StepOptions, 'compiler'>,
  work: (fed: Fed<I>) => T,
): T {
  return compiler ? compiler.step(key, inputs, work) : eagerly(inputs, work);
}

const partsOf = ({ embeddings, layers }: Trainable) => [embeddings, ...layers].map(Number).join('');
