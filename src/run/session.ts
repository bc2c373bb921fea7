import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../config/schema.js';
import { randomFrom } from '../data/random.js';
import { windowsOf } from '../data/windows.js';
import { sumDecisions, tokenScores } from '../eval/tokens.js';
import { scoreSpans } from '../eval/spans.js';
import type { ModelSettings } from '../formats/model.js';
import { openModel } from '../model/folder.js';
import { createParameters, disposeParameters, readParameters, type Parameters } from '../model/parameters.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { compilerHere } from '../ops/compiler.js';
import { predictEncoded, type Prediction, type Predictor } from '../predict/predict.js';
import { restoreOptimizer } from '../train/checkpoint.js';
import { gradientSums } from '../train/gradientSums.js';
import { expandSchedule, trainableParts } from '../train/schedule.js';
import { START, type Progress, type Training, type Validation } from '../train/train.js';
import { cacheFrozenEncoder, type FrozenEncoderOptions } from './frozenEncoder.js';
import { closePrepared, type PreparedData } from './prepare.js';

/** A training on the engine, ready to start or to go on. */
export interface Session {
  training: Training;
  from: Progress;
  settings: ModelSettings;
  /** Whole tables of the weights that training holds only in part. */
  base: WeightFile | undefined;
  /** Windows that a validation computes. */
  validationWindows: number;
  predictValidation(): Promise<Prediction[]>;
  close(): Promise<void>;
}

export interface SessionOptions extends Omit<FrozenEncoderOptions, 'windows'> {
  /** A checkpoint to go on from. */
  checkpoint?: string;
  /** Told why a step cannot be compiled. */
  onNotice?: (text: string) => void;
}

/** Puts the model on the engine: pretrained, random, or as a checkpoint has it. Takes over `data`'s files. */
export async function openSession(
  config: Config,
  data: PreparedData,
  options: SessionOptions,
): Promise<Session> {
  const opened: (() => void | Promise<void>)[] = [() => closePrepared(data)];
  const close = async () => {
    for (const one of opened.splice(0)) await one();
  };
  try {
    return { ...(await startSession(config, data, options, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Puts what must be closed into `opened` as it goes. */
async function startSession(
  config: Config,
  data: PreparedData,
  options: SessionOptions,
  opened: (() => void | Promise<void>)[],
): Promise<Omit<Session, 'close'>> {
  const { checkpoint, onNotice = () => {} } = options;
  const saved = checkpoint ? await openModel(checkpoint) : undefined;
  if (saved) opened.push(() => saved.weights.close());
  const base = saved?.weights ?? data.pretrained;
  const source = (name: string) => (base?.entries.has(name) ? base.read(name) : undefined);
  const parameters = await createParameters(data.model, data.held, source, randomFrom(config.seed));
  opened.push(() => disposeParameters(parameters));
  const compiler = config.backend.compile ? compilerHere(onNotice) : undefined;
  if (compiler) opened.push(() => compiler.dispose());
  const from = checkpoint ? await restoreOptimizer(checkpoint, parameters) : START;
  const schedule = expandSchedule(config.training);
  const alwaysFrozen = schedule.every((epoch) => epoch.frozen === 'encoder');
  const hidden =
    alwaysFrozen && config.training.cacheFrozen
      ? await cacheFrozenEncoder(config, data, parameters, {
          ...options,
          windows: settingsOf(config).windows,
        })
      : undefined;
  if (hidden) opened.push(hidden.close);
  const { layers } = parameters.model.encoder;
  const ways = schedule.map(({ frozen }) => trainableParts(frozen, layers));
  const sums = config.training.accumulate > 1 ? gradientSums(parameters, ways) : undefined;
  if (sums) opened.push(() => sums.dispose());
  const predictValidation = () =>
    predictExamples(config, data, parameters, {
      ...(compiler && { compiler }),
      ...(hidden && { hidden: hidden.validation.read }),
    });
  return {
    from,
    base,
    settings: settingsOf(config),
    validationWindows: countWindows(config, data.validation),
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
      ...(hidden && { hidden: hidden.training }),
      ...(sums && { sums }),
      ...(compiler && { compiler }),
      validate: async () =>
        data.validation.length > 0 ? scoreValidation(config, data, await predictValidation()) : undefined,
    },
  };
}

function countWindows(config: Config, examples: PreparedData['validation']): number {
  const { windows } = settingsOf(config);
  return examples.reduce((sum, { encoded }) => sum + windowsOf(encoded.ids.length, windows).length, 0);
}

export function settingsOf({ tasks, model, data, decoding }: Config): ModelSettings {
  const windowStride = decoding.windowStride ?? data.windowStride;
  return { format: 1, tasks, model, windows: { windowPieces: data.windowPieces, windowStride }, decoding };
}

async function predictExamples(
  config: Config,
  data: PreparedData,
  parameters: Parameters,
  faster: Pick<Predictor, 'compiler' | 'hidden'>,
): Promise<Prediction[]> {
  const { weights, values } = readParameters(parameters);
  try {
    const predictor = {
      model: data.model,
      weights,
      tokenizer: data.tokenizer,
      rowOf: data.held.rowOf,
      windows: settingsOf(config).windows,
      decoding: config.decoding,
      batchSize: config.training.batchSize,
      ...faster,
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
