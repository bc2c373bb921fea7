import * as tf from '@tensorflow/tfjs-core';
import { computeBatch } from '../backend/failure.js';
import type { Compiler } from '../compile/compile.js';
import type { Config } from '../config/schema.js';
import type { Epoch } from '../config/sections/training.js';
import { chunksOf, frequentShapes, makeBatch, type Batch } from '../data/batches.js';
import type { Example, Window } from '../data/examples.js';
import { hideWords } from '../data/masking.js';
import { randomFrom } from '../data/random.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { NotFinite } from '../model/finite.js';
import type { ModelDropout } from '../model/model.js';
import type { Parameters } from '../model/parameters.js';
import { averageShare } from './averages.js';
import { START, type Progress, type StepEvent, type TrainingEvent, type Validation } from './events.js';
import type { GradientSums } from './gradientSums.js';
import type { HiddenStates } from './hiddenStates.js';
import { LostNumbers } from './lostNumbers.js';
import { StepLog } from './log.js';
import {
  epochBatches,
  plannedSteps,
  rateAt,
  scheduledWindows,
  stepBatch,
  trainableParts,
  type RateOptions,
} from './schedule.js';
import {
  accumulatedStep,
  stepSeed,
  trainStep,
  tryStep,
  type Part,
  type StepOptions,
  type StepResult,
} from './step.js';

/** All that a training works on. */
export interface Training {
  parameters: Parameters;
  examples: Example[];
  windows: Window[];
  tokenizer: Pick<Tokenizer, 'cls' | 'sep' | 'pad' | 'mask'>;
  schedule: Epoch[];
  options: Config['training'];
  dropout: ModelDropout;
  seed: number;
  /** Outputs of an encoder that is frozen in every epoch, by window. */
  hidden?: HiddenStates;
  /** Where a step is computed in parts. */
  sums?: GradientSums;
  /** Runs steps as single calls; op by op without it. */
  compiler?: Compiler;
  /** Scores of the model as it is now on the validation documents; undefined where there are none. */
  validate(): Promise<Validation | undefined>;
}

/**
 * Trains: yields an event after every step and every epoch, and leaves the rest (progress, files,
 * checkpoints) to who takes them. Stop taking events and it stops. `from` goes on where a run was cut off,
 * with the same numbers as if it had not been: batches, hidden words and dropout depend on the seed and the step alone.
 * @throws LostNumbers, at the next log, checkpoint or validation, where a loss, gradient or score is none any more
 */
export async function* train(training: Training, from: Progress = START): AsyncGenerator<TrainingEvent> {
  const { schedule, options } = training;
  let progress = from;
  while (progress.epoch < schedule.length) {
    for await (const event of trainEpoch(training, progress)) {
      ({ progress } = event);
      yield event;
    }
    const { epoch, step } = progress;
    const validation = await training.validate().catch((error: unknown) => {
      if (!(error instanceof NotFinite)) throw error;
      const rate = rateAt(step - 1, schedule[epoch]!.rate, rateOptions(training));
      const what = 'what it has learned gives validation scores that are none';
      throw new LostNumbers({ epoch, step, rate }, what, { cause: error });
    });
    const isBest = !validation || !progress.best || validation.f1 > progress.best.f1;
    const best = validation && isBest ? { epoch, f1: validation.f1 } : progress.best;
    const stopsEarly = options.patience !== null && best !== null && epoch - best.epoch >= options.patience;
    progress = { ...progress, epoch: stopsEarly ? schedule.length : epoch + 1, stepOfEpoch: 0, best };
    yield { kind: 'epoch', progress, epoch, validation, isBest, stopsEarly };
  }
}

async function* trainEpoch(training: Training, from: Progress): AsyncGenerator<StepEvent> {
  const { parameters, options, seed } = training;
  const { encoder, head } = parameters.model;
  const epoch = training.schedule[from.epoch]!;
  const trainable = trainableParts(epoch.frozen, encoder.layers);
  const batches = epochBatches(training.windows, epoch, from.epoch, { seed, batchSize: stepBatch(options) });
  const parts = batches.map((windows) => chunksOf(windows, options.batchSize));
  const isFrequent = frequentShapes(parts.flat(), WORTH_COMPILING, encoder.positions);
  const rates = rateOptions(training);
  const { unlogged, ...start } = from;
  const log = new StepLog(
    head.outputs.map(({ name }) => name),
    unlogged,
  );
  try {
    let progress: Progress = start;
    const seedOf = (step: number, part = 0) => stepSeed(seed, step * options.accumulate + part);
    const inputsOf = (index: number) => {
      const step = from.step + index - from.stepOfEpoch;
      return (parts[index] ?? []).map((windows, part) =>
        masked(training, batchOf(training, windows), seedOf(step, part)),
      );
    };
    let next = inputsOf(from.stepOfEpoch);
    for (let index = from.stepOfEpoch; index < batches.length; index++) {
      const rate = rateAt(progress.step, epoch.rate, rates);
      const inputs = next;
      const step: StepOptions = {
        trainable,
        dropout: training.dropout,
        optimizer: options,
        rate,
        averageShare:
          options.averageDecay === null ? undefined : averageShare(progress.step, options.averageDecay),
        seed: seedOf(progress.step),
        compiler: inputs.every(isFrequent) ? training.compiler : undefined,
      };
      const number = progress.step + 1;
      progress = { ...progress, step: number, stepOfEpoch: index + 1 };
      const due = progress.step % options.logSteps === 0 || progress.step % options.checkpointSteps === 0;
      const logged = await computeBatch(
        inputs[0]!.batch,
        () => {
          log.add(computeStep(training, inputs, step), { epoch: from.epoch, step: number, rate });
          next = inputsOf(index + 1); // while a GPU computes: nothing has waited for it yet
          return due || index + 1 === batches.length ? log.read() : undefined;
        },
        (count) => tryLongest(training, count, step),
      );
      const event: StepEvent = {
        kind: 'step',
        progress,
        stepsOfEpoch: batches.length,
        rate,
        windows: batches[index]!.length,
        log: logged,
        checkpoint: async () => ({ ...event.progress, unlogged: await log.unlogged() }),
      };
      yield event;
      await tf.nextFrame(); // let signals and other consumers have their turn
    }
  } finally {
    log.dispose();
  }
}

function rateOptions({ options, schedule, windows }: Training): RateOptions {
  return { ...options, steps: plannedSteps(windows, schedule, options).reduce((a, b) => a + b, 0) };
}

/** One step of a training: on one batch, or on several whose gradients are summed. */
export function computeStep(
  { parameters, hidden, sums }: Pick<Training, 'parameters' | 'hidden' | 'sums'>,
  batches: Batch[],
  options: StepOptions,
): StepResult {
  const parts = batches.map((batch) => ({ batch, hidden: hidden?.read(batch) }));
  try {
    if (sums) return accumulatedStep(parameters, parts, sums, options);
    const [{ batch, ...kept }] = parts as [Part];
    return trainStep(parameters, batch, { ...options, ...kept });
  } finally {
    for (const part of parts) part.hidden?.dispose();
  }
}

/**
 * Compiling a shape takes as long as a few steps, and makes each a tenth faster. What is compiled depends on
 * the plan of an epoch alone, so that a resumed run computes in the same way.
 */
const WORTH_COMPILING = 30;

function batchOf({ parameters, examples, tokenizer }: Training, windows: Window[]): Batch {
  const { head, encoder } = parameters.model;
  return makeBatch(windows, examples, tokenizer, { labeller: head, mostPieces: encoder.positions });
}

/** The batch, with words hidden where that is asked for. */
function masked({ examples, tokenizer, options }: Training, batch: Batch, seed: number): Batch {
  if (options.maskedShare > 0)
    hideWords(batch, examples, { mask: tokenizer.mask, share: options.maskedShare }, randomFrom(seed));
  return batch;
}

/** Whether the device has the memory for a step of the `count` longest windows: throws where it has not. */
async function tryLongest(training: Training, count: number, step: StepOptions): Promise<void> {
  const { windows, schedule, seed, options } = training;
  const taken = scheduledWindows(windows, schedule, { seed, batchSize: stepBatch(options) }); // only they are in `hidden`
  const byLength = taken.sort((a, b) => b.end - b.start - (a.end - a.start));
  const batch = batchOf(training, byLength.slice(0, count));
  const hidden = training.hidden?.read(batch);
  try {
    await tryStep(training.parameters, batch, { ...step, hidden });
  } finally {
    hidden?.dispose();
  }
}
