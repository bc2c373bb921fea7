import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.js';
import { expandSchedule, keepsOutputs } from '../config/schedule.js';
import type { Epoch } from '../config/sections/training.js';
import type { Context } from '../context.js';
import { InputError } from '../errors.js';
import { randomFrom } from '../data/random.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { windowsIn } from '../data/cutWindows.js';
import { sumDecisions, tokenScores } from '../eval/tokens.js';
import { scoreSpans } from '../eval/spans.js';
import type { ModelSettings } from '../formats/model.js';
import { openCheckpoint, type ModelFolder } from '../model/folder.js';
import { createParameters, disposeParameters, readParameters, type Parameters } from '../model/parameters.js';
import { encoderIdentity } from '../model/weights/identity.js';
import { openSafetensors } from '../model/weights/safetensors.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { compilerHere } from '../ops/compiler.js';
import { predictEncoded } from '../predict/predict.js';
import type { Prediction, Predictor } from '../predict/predictor.js';
import { restoreOptimizer } from '../train/checkpoint.js';
import { holdAverages } from '../train/averages.js';
import { gradientSums } from '../train/gradientSums.js';
import { plannedSteps, stepBatch, trainableParts } from '../train/schedule.js';
import { START, type Progress, type Validation } from '../train/events.js';
import type { Training } from '../train/train.js';
import type { TrainingWork } from './events.js';
import { cacheFrozenEncoder, encoderKey, type FrozenEncoderOptions } from './frozenEncoder.js';
import { closePrepared, type PreparedData } from './prepare.js';

/** A training on the engine, ready to start or to go on. */
export interface Session {
  training: Training;
  from: Progress;
  settings: ModelSettings;
  /** Whole tables of the weights that training holds only in part. */
  base: Pick<WeightFile, 'read'> | undefined;
  work: TrainingWork;
  predictValidation(): Promise<Prediction[]>;
  close(): Promise<void>;
}

export interface SessionOptions extends Pick<FrozenEncoderOptions, 'cacheFolder'> {
  /** A checkpoint to go on from. */
  checkpoint?: string;
}

/** Puts the model on the engine: pretrained, random, or as a checkpoint has it. Takes over `data`'s files. */
export async function openSession(
  config: Config,
  data: PreparedData,
  options: SessionOptions,
  context: Context,
): Promise<Session> {
  const opened: (() => void | Promise<void>)[] = [() => closePrepared(data)];
  const close = async () => {
    for (const one of opened.splice(0)) await one();
  };
  try {
    return { ...(await startSession(config, data, options, opened, context)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws InputError where what a training goes on with has other pieces, or is another encoder, than its config leads to by now */
function checkEncoder(
  saved: ModelFolder,
  { tokenizer, model }: PreparedData,
  { vocabulary, weights }: Config['encoder'],
): void {
  const identityOf = ({ identity }: Tokenizer) => identity.map((part) => Buffer.from(part)); // of a text or of bytes
  const isSame = isDeepStrictEqual(
    [identityOf(saved.tokenizer), encoderIdentity(saved.model.encoder)],
    [identityOf(tokenizer), encoderIdentity(model.encoder)],
  );
  if (isSame) return;
  throw new InputError(
    `${vocabulary ?? weights ?? 'the encoder'} has changed since the run was started: restore it, or start a new run`,
  );
}

/** Puts what must be closed into `opened` as it goes. */
async function startSession(
  config: Config,
  data: PreparedData,
  options: SessionOptions,
  opened: (() => void | Promise<void>)[],
  context: Context,
): Promise<Omit<Session, 'close'>> {
  const { checkpoint } = options;
  const saved = checkpoint ? await openCheckpoint(checkpoint) : undefined;
  const start = saved?.weights ?? data.pretrained;
  const source = (name: string) => (start?.entries.has(name) ? start.read(name) : undefined);
  const load = async () => {
    if (saved) checkEncoder(saved, data, config.encoder);
    const weightsKey = keepsOutputs(config) ? await encoderKey(config, data, start) : '';
    const parameters = await createParameters(data.model, data.held, source, randomFrom(config.seed));
    return { parameters, weightsKey };
  };
  const { parameters, weightsKey } = await load().finally(() => saved?.weights.close());
  opened.push(() => disposeParameters(parameters));
  const compiler = compilerHere(context);
  if (compiler) opened.push(() => compiler.dispose());
  const schedule = expandSchedule(config.training);
  const { layers } = parameters.model.encoder;
  const ways = schedule.map(({ frozen }) => trainableParts(frozen, layers));
  if (config.training.averageDecay !== null) holdAverages(parameters, ways);
  const from = checkpoint ? await restoreOptimizer(checkpoint, parameters) : START;
  const hidden = keepsOutputs(config)
    ? await cacheFrozenEncoder(
        config,
        data,
        parameters,
        { ...options, weightsKey, windows: settingsOf(config).windows },
        context,
      )
    : undefined;
  if (hidden) opened.push(hidden.close);
  const sums = config.training.accumulate > 1 ? gradientSums(parameters, ways) : undefined;
  if (sums) opened.push(() => sums.dispose());
  const predictValidation = () =>
    predictExamples(config, data, parameters, {
      signal: context.signal,
      compiler,
      hidden: hidden?.validation.read,
    });
  return {
    from,
    base: checkpoint ? { read: (name) => readOnce(checkpoint, name) } : data.pretrained,
    settings: settingsOf(config),
    work: workOf(config, data, schedule),
    predictValidation,
    training: {
      parameters,
      examples: data.training,
      windows: data.windows,
      tokenizer: data.tokenizer,
      schedule,
      options: config.training,
      dropout: {
        dropout: config.encoder.dropout,
        attentionDropout: config.encoder.attentionDropout,
        trunk: config.model.dropout,
      },
      seed: config.seed,
      hidden: hidden?.training,
      sums,
      compiler,
      validate: async () =>
        data.validation.length > 0 ? scoreValidation(config, data, await predictValidation()) : undefined,
    },
  };
}

/**
 * A tensor of a checkpoint, whose file is not open before or after: some file systems replace no folder of which a
 * file is.
 */
async function readOnce(checkpoint: string, name: string): Promise<Float32Array> {
  const weights = await openSafetensors(join(checkpoint, 'model.safetensors'));
  return weights.read(name).finally(() => weights.close());
}

function workOf(config: Config, { windows, validation }: PreparedData, schedule: Epoch[]): TrainingWork {
  const { training } = config;
  const validated = validation.map((document) => windowsIn(document, settingsOf(config).windows).length);
  return {
    steps: sum(plannedSteps(windows, schedule, training)),
    epochs: schedule.length,
    windows: { training: windows.length, step: stepBatch(training), validation: sum(validated) },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

export function settingsOf({ tasks, model, data, decoding }: Config): ModelSettings {
  const windowStride = decoding.windowStride ?? data.windowStride;
  const { windowPieces, windowContext } = data;
  const windows = { windowPieces, windowStride, windowContext: windowContext ?? undefined };
  return { format: 1, tasks, model, windows, decoding };
}

async function predictExamples(
  config: Config,
  data: PreparedData,
  parameters: Parameters,
  options: Pick<Predictor, 'signal' | 'compiler' | 'hidden'>,
): Promise<Prediction[]> {
  const { weights, values } = readParameters(parameters, 'model');
  try {
    const predictor = {
      model: data.model,
      weights,
      tokenizer: data.tokenizer,
      rowOf: data.held.rowOf,
      windows: settingsOf(config).windows,
      decoding: config.decoding,
      batchSize: config.training.batchSize,
      ...options,
    };
    return await predictEncoded(predictor, data.validation);
  } finally {
    tf.dispose(values);
  }
}

function scoreValidation(
  config: Config,
  { validation, model }: PreparedData,
  predictions: Prediction[],
): Validation {
  const tasks = Object.entries(config.tasks).map(([task, { labels }]) => {
    const gold = new Map(validation.map(({ name, spans }) => [name, spans[task]!]));
    const predicted = new Map(predictions.map(({ name, spans }) => [name, spans[task] ?? []]));
    return [task, scoreSpans(gold, predicted, labels)] as const;
  });
  const { head } = model;
  const counts = predictions.map(({ scores }, i) => {
    const { targets, encoded } = validation[i]!;
    return head.count(scores, targets, encoded);
  });
  const words = head.outputs.map(({ name }, output) => {
    const decisions = counts.map((ofDocument) => ofDocument[output]!);
    return [name, tokenScores(sumDecisions(decisions)).micro] as const;
  });
  return {
    tasks: Object.fromEntries(tasks),
    words: Object.fromEntries(words),
    f1: tasks.reduce((sum, [, { f1 }]) => sum + f1, 0) / tasks.length,
  };
}
