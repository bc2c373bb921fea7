import { join } from 'node:path';
import { tooManyOutputs } from '../config/outputs.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';
import { isInside } from '../files/inside.js';
import { writeJson } from '../files/json.js';
import { modelFormat, type ModelSettings } from '../formats/model.js';
import { readStored } from '../formats/stored.js';
import { familyOf } from './encoders/registry.js';
import { assemble, type Model } from './model.js';
import type { ParameterSpec } from './part.js';
import { toBfloat, toHalf } from './weights/dtype.js';
import { openWeights } from './weights/open.js';
import { openSafetensors } from './weights/safetensors.js';
import { checkShape, type WeightFile } from './weights/weightFile.js';
import { writeSafetensors } from './weights/writeSafetensors.js';

const FILE = 'meddoprof.json';

export interface ModelFolder {
  model: Model;
  settings: ModelSettings;
  /** Every parameter by name; close it when done. */
  weights: WeightFile;
  tokenizer: Tokenizer;
}

/**
 * Opens the model of a checkpoint folder: config.json, the tokenizer's files and model.safetensors as Hugging
 * Face has them, with the trunk's and the head's tensors beside the encoder's, and meddoprof.json.
 * @throws InputError naming the file that is missing or does not fit
 */
export async function openCheckpoint(folder: string): Promise<ModelFolder> {
  const settings = await readModelSettings(folder);
  const encoder = await openWeights(folder);
  await encoder.weights.close();
  const model = assemble(encoder.config, settings.tasks, settings.model);
  if (settings.windows.windowPieces > encoder.config.positions)
    throw new InputError(
      `${join(folder, FILE)}: windows of ${settings.windows.windowPieces} pieces, and the encoder has ${encoder.config.positions} positions: the checkpoint is damaged`,
    );
  const weights = await openSafetensors(join(folder, 'model.safetensors'));
  try {
    for (const { name, shape } of model.parameters) checkShape(weights, name, shape, FILE);
  } catch (error) {
    await weights.close();
    throw error;
  }
  return { model, settings, weights, tokenizer: encoder.tokenizer };
}

/** How weights are stored, by safetensors' names of the types. */
export type WeightType = 'F32' | 'F16' | 'BF16';

/**
 * Writes what `openCheckpoint` reads, into a folder that is made where it is not there.
 * @throws InputError for a value that the type cannot hold
 */
export async function saveModel(
  folder: string,
  model: Pick<Model, 'encoder' | 'parameters'>,
  { settings, tokenizer }: { settings: ModelSettings; tokenizer: Pick<Tokenizer, 'save'> },
  read: (name: string) => Promise<Float32Array>,
  type?: WeightType,
): Promise<void> {
  await writeJson(join(folder, FILE), settings);
  await saveWeights(folder, { ...model, tokenizer }, read, type);
}

/**
 * Writes an encoder as Hugging Face has it, with all parameters that are named beside its own: config.json, the tokenizer's
 * files, model.safetensors.
 * @throws InputError for a value that the type cannot hold
 */
export async function saveWeights(
  folder: string,
  {
    encoder,
    tokenizer,
    parameters,
  }: Pick<Model, 'encoder'> & {
    tokenizer: Pick<Tokenizer, 'save'>;
    parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  },
  read: (name: string) => Promise<Float32Array>,
  type: WeightType = 'F32',
): Promise<void> {
  await writeJson(join(folder, 'config.json'), familyOf(encoder).format(encoder));
  await tokenizer.save(folder);
  const tensors = parameters.map(({ name, shape }) => ({
    name,
    shape,
    dtype: type,
    read: async () => stored(await read(name), type, name),
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

function stored(values: Float32Array, type: WeightType, name: string): Float32Array | Uint16Array {
  if (type === 'F32') return values;
  if (type === 'BF16') return toBfloat(values);
  if (values.some((value) => Math.abs(value) >= HALF_LIMIT))
    throw new InputError(`${name} has values that float16 cannot hold; take bfloat16`);
  return toHalf(values);
}

/** From here on half precision rounds to infinity. */
const HALF_LIMIT = 65_520;

/** The settings of a checkpoint folder alone. @throws InputError naming the file that is missing or damaged */
export async function readModelSettings(folder: string): Promise<ModelSettings> {
  const file = join(folder, FILE);
  const settings = await readStored(file, modelFormat);
  for (const [task, { folder }] of Object.entries(settings.tasks))
    if (!isInside(folder))
      throw new InputError(
        `${file}: tasks.${task}.folder is ${JSON.stringify(folder)}, which leads out of where predictions go; name a folder in it`,
      );
  for (const { path, fault } of tooManyOutputs(settings))
    throw new InputError(`${file}: ${path.join('.')} ${fault}: ${modelFormat.advice}`);
  return settings;
}
