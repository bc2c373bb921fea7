import * as tf from '@tensorflow/tfjs-core';
import { computeBatch } from '../backend/failure.js';
import { take } from '../backend/take.js';
import { eagerly, type Compiler, type Fed, type Values } from '../compile/compile.js';
import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { frequent } from '../data/batches.js';
import type { MaskedWindows } from '../data/masking.js';
import type { LoggedPretraining, Measured } from '../formats/pretraining.js';
import { encode } from '../model/encoders/encode.js';
import type { EncoderConfig } from '../model/encoders/family.js';
import { NotFinite } from '../model/finite.js';
import { encoderInputs, onEngine, type EncoderInputs } from '../model/inputs.js';
import { maskedLmLoss, maskedLmLossAndGradients, type MaskedInput } from '../model/maskedLmTraining.js';
import {
  handlesOf,
  readParameters,
  trainedNames,
  type HeldRows,
  type ParameterSlot,
} from '../model/parameters.js';
import type { Gradients, Trainable, Weights } from '../model/part.js';
import { nextUpdates, optimizerStep, updateKey } from './optimizer.js';
import { rateAt, type RateOptions } from './schedule.js';
import { stepSeed } from './step.js';

/** The phases of a pretraining. */
export const PRETRAINING = 'steps of the pretraining';
export const MEASURING = 'held-out batches';

/** Batches of one shape from which compiling it pays. */
const WORTH_COMPILING = 12;

/** A masked language model in training, on the engine. */
export interface Pretraining {
  config: EncoderConfig;
  slots: Map<string, ParameterSlot>;
  held: HeldRows;
  /** The model whose outputs are to be met, with the same rows of the word table. */
  teacher: { config: EncoderConfig; weights: Weights; tensors: tf.Tensor[]; weight: number } | undefined;
  trainable: Trainable;
  options: Config['training'];
  dropout: { dropout: number; attentionDropout: number };
  seed: number;
  /** Windows of each step; what is hidden in them depends on seed and step alone. */
  batches: readonly { batch: number; seq: number; mask(step: number): MaskedWindows }[];
  rate: Omit<RateOptions, 'steps'> & { highest: number };
  compiler: Compiler | undefined;
}

/**
 * The steps from `from` on, each with what it has learned; whoever takes them keeps checkpoints.
 * @throws NotFinite where the loss is no number any more
 */
export async function* pretrain(training: Pretraining, from: number): AsyncGenerator<LoggedPretraining> {
  const { slots, batches, seed, compiler } = training;
  const shapeOf = ({ batch, seq }: { batch: number; seq: number }) => `pretrain ${batch} ${seq}`;
  const isFrequent = frequent(batches, shapeOf, WORTH_COMPILING);
  const options = { ...training.options, headRateFactor: 1, layerRateFactor: 1 };
  const trained = trainedNames({ slots }, training.trainable);
  for (let step = from; step < batches.length; step++) {
    const batch = batches[step]!;
    const rate = rateAt(step, training.rate.highest, { ...training.rate, steps: batches.length });
    const windows = batch.mask(step);
    const isCompiled = compiler !== undefined && isFrequent(batch);
    const masksSeed = stepSeed(seed, step);
    const [loss, distance] = await computeBatch(
      batch.batch,
      () => {
        const updates = nextUpdates(slots, trained, rate, options);
        const inputs = {
          ...passInputs(training, windows),
          seed: isCompiled ? { values: Int32Array.of(masksSeed), shape: [] } : undefined,
          updates: updates.numbers,
          variables: handlesOf(slots.values()),
        };
        const work = (fed: Fed<typeof inputs>) => {
          const { result, gradients } = passes(training, windows, fed, fed.seed ?? masksSeed);
          optimizerStep(slots, gradients, { ...updates, numbers: fed.updates }, options);
          return result;
        };
        const key = `${shapeOf(batch)} ${updateKey(updates, options)}`;
        return take(isCompiled ? compiler.step(key, inputs, work) : eagerly(inputs, work));
      },
      (count) => {
        const some = firstOf(windows, count);
        const tried = (fed: Fed<PassInputs>) => passes(training, some, fed, masksSeed).result;
        return take(eagerly(passInputs(training, some), tried));
      },
    );
    if (!Number.isFinite(loss) || !Number.isFinite(distance))
      throw new NotFinite(
        `The pretraining lost its numbers (the loss is ${loss} in step ${step + 1} of ${batches.length}, at a rate of ${rate}): lower pretraining.rate`,
      );
    yield { step: step + 1, rate, loss: loss!, distance: distance! };
  }
}

/** The loss of windows that do not train; null where they have nothing that may be hidden. */
export async function measure(
  { config, slots, held }: Pick<Pretraining, 'config' | 'slots' | 'held'>,
  batches: readonly MaskedWindows[],
  context: Context,
): Promise<Measured | null> {
  if (batches.length === 0) return null;
  const reached = context.phase(MEASURING, batches.length);
  let [sum, pieces] = [0, 0];
  for (const [i, batch] of batches.entries()) {
    const loss = eagerly(passInputs({ held, teacher: undefined }, batch), (fed) => {
      const { weights } = readParameters({ slots });
      return maskedLmLoss(config, weights, inputOf(batch, fed));
    });
    sum += (await take(loss))[0]! * batch.masked;
    pieces += batch.masked;
    await reached(i + 1);
  }
  if (pieces === 0) return null;
  const loss = sum / pieces;
  return { loss, perplexity: Math.exp(loss), pieces };
}

/** Forward and backward: loss and distance [2], and the gradients. */
function passes(
  { config, slots, teacher, trainable, dropout }: Pretraining,
  windows: MaskedWindows,
  fed: Fed<PassInputs>,
  seed: number | tf.Tensor,
): { result: tf.Tensor; gradients: Gradients } {
  const { weights, values } = readParameters({ slots });
  const input = inputOf(windows, fed);
  const hidden = teacher && encode(teacher.config, teacher.weights, input).output;
  const { loss, distance, gradients } = maskedLmLossAndGradients(config, weights, input, {
    trainable,
    dropout,
    masks: { seed, drawn: 0 },
    teacher: hidden && { hidden, weight: teacher!.weight },
  });
  tf.dispose(values);
  return { result: tf.stack([loss, distance]), gradients };
}

/** What forward and backward pass are given. */
interface PassInputs extends EncoderInputs {
  labels: Values;
  positions: Values;
  weights: Values;
  masked: number;
  teacher: tf.Tensor[];
}

function passInputs(
  { held, teacher }: Pick<Pretraining, 'held' | 'teacher'>,
  windows: MaskedWindows,
): PassInputs {
  const { labels, positions, weights, masked } = windows;
  return {
    ...encoderInputs(windows, held.rowOf),
    labels: { values: labels.map((id) => held.rowOf[id]!), shape: [labels.length] },
    positions: { values: positions, shape: [positions.length] },
    weights: { values: Float32Array.from(weights), shape: [weights.length, 1] },
    masked: Math.max(1, masked),
    teacher: teacher?.tensors ?? [],
  };
}

function inputOf({ batch, seq }: MaskedWindows, fed: Fed<PassInputs>): MaskedInput {
  return {
    ...onEngine(fed),
    batch,
    seq,
    weights: fed.weights,
    masked: fed.masked,
    labels: fed.labels as tf.Tensor1D,
    positions: fed.positions as tf.Tensor1D,
  };
}

/** The first rows of a batch, to see how many fit. */
function firstOf(windows: MaskedWindows, count: number): MaskedWindows {
  const { seq, ids, lengths, positions } = windows;
  const weights = windows.weights.map((one, i) => (positions[i]! < count * seq ? one : 0));
  return {
    ...windows,
    batch: count,
    weights,
    ids: ids.subarray(0, count * seq),
    lengths: lengths.subarray(0, count),
    positions: positions.map((position) => Math.min(position, count * seq - 1)),
    masked: weights.reduce((sum, one) => sum + one, 0),
  };
}
