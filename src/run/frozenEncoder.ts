import type { Config } from '../config/schema.js';
import { expandSchedule } from '../config/schedule.js';
import type { Context } from '../context.js';
import { type Example, trainingWindows, type Window } from '../data/examples.js';
import type { WindowConfig } from '../data/windows.js';
import { familyOf } from '../model/encoders/registry.js';
import type { Parameters } from '../model/parameters.js';
import { encoderIdentity, weightsIdentity } from '../model/weights/identity.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { cacheHiddenStates, type HiddenStates } from '../train/hiddenStates.js';
import { scheduledWindows } from '../train/schedule.js';
import type { PreparedData } from './prepare.js';

/** The phase of a frozen encoder's pass. */
export const ENCODING = 'windows through the encoder';

export interface FrozenEncoderOptions {
  /** Where the outputs of a frozen encoder are kept. */
  cacheFolder: string;
  /** As `encoderKey` has it. */
  weightsKey: string;
  /** How validation documents are cut. */
  windows: WindowConfig;
}

export interface FrozenEncoder {
  training: HiddenStates;
  validation: HiddenStates;
  close(): Promise<void>;
}

/**
 * The outputs of a frozen encoder for the windows that some epoch takes, and for those that are validated: each
 * is computed once, whatever the number of epochs.
 */
export async function cacheFrozenEncoder(
  config: Config,
  data: PreparedData,
  parameters: Parameters,
  { cacheFolder, weightsKey, windows }: FrozenEncoderOptions,
  context: Context,
): Promise<FrozenEncoder> {
  const { batchSize, cachePrecision: precision } = config.training;
  const options = { seed: config.seed, batchSize };
  const trained = scheduledWindows(data.windows, expandSchedule(config.training), options);
  const validated = trainingWindows(data.validation, windows, data.model.head);
  const shared = { parameters, tokenizer: data.tokenizer, batchSize, precision, weightsKey };
  const reached = context.phase(ENCODING, trained.length + validated.length);
  const opened: HiddenStates[] = [];
  const close = async () => {
    for (const states of opened) await states.close();
  };
  const open = async (examples: Example[], some: Window[], before: number) => {
    const input = { ...shared, examples, windows: some };
    const states = await cacheHiddenStates(cacheFolder, input, (done) => reached(before + done), context);
    opened.push(states);
    await reached(before + some.length);
    return states;
  };
  try {
    const training = await open(data.training, trained, 0);
    const validation = await open(data.validation, validated, trained.length);
    return { training, validation, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * What tells one encoder's outputs from another's without reading all its weights.
 * @param start those that are loaded: pretrained, or of the checkpoint that is gone on from, whatever is in `encoder.weights` by now
 */
export async function encoderKey(
  { seed, encoder, backend }: Pick<Config, 'seed' | 'encoder' | 'backend'>,
  { model, tokenizer, pretrained }: Pick<PreparedData, 'model' | 'tokenizer' | 'pretrained'>,
  start: WeightFile | undefined,
): Promise<string> {
  const precision = backend.precision === 'float32' ? [] : [backend.precision];
  if (!pretrained)
    return JSON.stringify([seed, encoder.random, encoderIdentity(model.encoder), ...precision]);
  const source = { settings: encoderIdentity(model.encoder), weights: start ?? pretrained, tokenizer };
  const { identity } = await weightsIdentity(source, familyOf(model.encoder).parameters(model.encoder));
  return JSON.stringify([identity, ...precision]);
}
