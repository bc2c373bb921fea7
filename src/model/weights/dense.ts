import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../files/json.js';
import { exists } from '../../files/text.js';
import { InputError } from '../../errors.js';
import { pickleError } from './pickle.js';
import { openSafetensors } from './safetensors.js';
import type { Module } from './sentenceModules.js';
import { checkShape, viewWeights, type View, type WeightFile } from './weightFile.js';

const ACTIVATIONS = ['identity', 'tanh', 'relu', 'sigmoid'] as const;
export type DenseActivation = (typeof ACTIVATIONS)[number];

/** A linear layer over sentence vectors; `name` is that of its weight [out, in] and bias [out], less the ending. */
export interface DenseLayer {
  kind: 'dense';
  name: string;
  inputs: number;
  out: number;
  bias: boolean;
  activation: DenseActivation;
}

const denseSchema = z.object({
  in_features: z.int().positive(),
  out_features: z.int().positive(),
  bias: z.boolean().default(true),
  activation_function: z.string().nullish(),
  module_input_name: z.literal('sentence_embedding').default('sentence_embedding'),
  module_output_name: z.literal('sentence_embedding').nullish(),
  use_residual: z.literal(false).default(false),
});

/**
 * Opens a Dense module of sentence-transformers, its tensors under `<path>.linear`.
 * @param width of the vectors that come to it
 * @throws InputError naming the file that does not fit
 */
export async function openDense(
  { folder, path }: Pick<Module, 'folder' | 'path'>,
  width: number,
): Promise<{ layer: DenseLayer; weights: WeightFile }> {
  const file = join(folder, 'config.json');
  const {
    in_features: inputs,
    out_features: out,
    bias,
    activation_function: named,
  } = await readJson(
    file,
    denseSchema,
    'a Dense module',
    'a plain Dense over sentence embeddings can be read',
  );
  if (inputs !== width)
    throw new InputError(
      `${file}: it takes vectors of ${inputs} numbers, but the module before it gives ${width}: ` +
        'they belong to different models; fetch the whole folder again',
    );
  const name = `${path}.linear`;
  const activation = activationOf(named, file);
  const layer: DenseLayer = { kind: 'dense', name, inputs, out, bias, activation };
  return { layer, weights: await openTensors(folder, layer, file) };
}

/** `torch.nn.modules.activation.Tanh` → tanh; sentence-transformers' own default is Tanh. */
function activationOf(name: string | null | undefined, file: string): DenseActivation {
  const found = ACTIVATIONS.find(
    (each) => /^torch\.nn\./.test(name ?? '') && name!.toLowerCase().endsWith(`.${each}`),
  );
  if (found || name === undefined || name === null) return found ?? 'tanh';
  throw new InputError(
    `${file}: the activation ${name} is unknown; torch.nn's Tanh, Identity, ReLU and Sigmoid can be read`,
  );
}

async function openTensors(
  folder: string,
  { name, inputs, out, bias }: DenseLayer,
  configFile: string,
): Promise<WeightFile> {
  const file = join(folder, 'model.safetensors');
  const pickled = 'pytorch_model.bin';
  if (!(await exists(file)) && (await exists(join(folder, pickled)))) throw pickleError(folder, pickled);
  const weights = await openSafetensors(file);
  const shapes: [string, number[]][] = [['weight', [out, inputs]]];
  if (bias) shapes.push(['bias', [out]]);
  try {
    for (const [part, shape] of shapes) checkShape(weights, `linear.${part}`, shape, configFile);
    const views = shapes.map(([part]): [string, View] => [`${name}.${part}`, { from: `linear.${part}` }]);
    return viewWeights(weights, new Map(views));
  } catch (error) {
    await weights.close();
    throw error;
  }
}
