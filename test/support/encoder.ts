import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { encode } from '../../src/model/encoders/encode.js';
import type { EncoderConfig, EncoderInput } from '../../src/model/encoders/family.js';
import { selectLayers, type EncoderSource } from '../../src/model/encoders/select.js';
import { readEncoderConfig } from '../../src/model/encoders/config.js';
import { openHuggingFace } from '../../src/model/weights/huggingFace.js';
import { fixtureFolder, fixtureTensors, type FixtureTensor } from './fixtures.js';
import { disposeAll } from './tensors.js';

export const tinyEncoders = [
  ...(['tiny-distilbert', 'tiny-bert', 'tiny-roberta', 'tiny-modernbert'] as const),
  ...(['tiny-deberta-v2', 'tiny-deberta-v3'] as const),
] as const;
export type TinyEncoder = (typeof tinyEncoders)[number];

/** An encoder and a batch for it, on the host. */
export interface EncoderInputs {
  config: EncoderConfig;
  parameters: Map<string, FixtureTensor>;
  ids: Int32Array; // [batch*seq]
  lengths: Int32Array;
  batch: number;
  seq: number;
}

/** One of the small encoders, and what transformers computes with it: `hidden.0` … [batch, seq, hidden]. */
export interface EncoderFixture extends EncoderInputs {
  states: Map<string, FixtureTensor>;
}

export async function encoderFixture(
  name: TinyEncoder,
  layers: number[] | null = null,
): Promise<EncoderFixture> {
  const opened = await openTinyEncoder(name);
  const { config, weights } = selectLayers(opened, layers);
  const parameters = new Map<string, FixtureTensor>();
  for (const [parameter, { shape }] of weights.entries)
    parameters.set(parameter, { shape, data: await weights.read(parameter) });
  await opened.weights.close();
  const states = await fixtureTensors(`${name}/hidden_states.safetensors`);
  const [batch, seq] = states.get('ids')!.shape as [number, number];
  const ints = (tensor: string) => Int32Array.from(states.get(tensor)!.data);
  return { config, parameters, ids: ints('ids'), lengths: ints('lengths'), batch, seq, states };
}

/** Config and weights alone. */
export async function openTinyEncoder(name: TinyEncoder): Promise<EncoderSource> {
  const folder = join(fixtureFolder, name);
  const { config } = await readEncoderConfig(folder);
  return { config, weights: (await openHuggingFace(folder, config))! };
}

/** The parameters and the input on the engine; dispose of them by `disposeAll`. */
export function onEngine(fixture: EncoderInputs): {
  parameters: Record<string, tf.Tensor>;
  input: EncoderInput;
} {
  const { ids, lengths, batch, seq } = fixture;
  const tensors = [...fixture.parameters].map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]);
  return {
    parameters: Object.fromEntries(tensors),
    input: { rows: tf.tensor1d(ids, 'int32'), lengths, batch, seq },
  };
}

/** What every layer gives, the embeddings first, on the host [batch*seq, hidden]. */
export function hiddenStates(fixture: EncoderInputs): Float32Array[] {
  const { parameters, input } = onEngine(fixture);
  const outputsOf = Array.from({ length: fixture.config.layers + 1 }, (_, layer) => layer);
  const { outputs } = encode(fixture.config, (name) => parameters[name]!, input, { outputsOf });
  const states = outputs.map((hidden) => hidden.dataSync() as Float32Array);
  disposeAll(parameters, input, ...outputs);
  return states;
}

/** Values [batch*seq, hidden] with 0 in the padding. */
export function inside(
  { config: { hidden }, seq, lengths }: EncoderInputs,
  values: Float32Array,
): Float32Array {
  return values.map((value, i) => {
    const row = Math.floor(i / hidden);
    return row % seq < lengths[Math.floor(row / seq)]! ? value : 0;
  });
}
