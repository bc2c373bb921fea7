import * as tf from '@tensorflow/tfjs-core';
import { modelSchema } from '../../src/config/sections/model.js';
import { selectLayers } from '../../src/model/encoders/select.js';
import { assemble, type DeviceBatch, type Model } from '../../src/model/model.js';
import { openTinyEncoder, type TinyEncoder } from './encoder.js';
import { fixtureTensors, type FixtureTensor } from './fixtures.js';

/** A case of test/fixtures/joint on the current engine. */
export interface JointFixture {
  model: Model;
  parameters: Map<string, tf.Tensor>;
  batch: DeviceBatch;
  /** Rows of [batch*seq] that are not padding. */
  inside: number[];
  expected: Map<string, FixtureTensor>;
}

const tasks = { ner: { labels: ['A', 'B', 'C'] }, class: { labels: ['D', 'E', 'F', 'G'] } };

export async function jointFixture(name: 'distilbert' | 'bert' | 'single'): Promise<JointFixture> {
  const folder = name === 'bert' ? 'tiny-bert' : 'tiny-distilbert';
  const settings = { outputs: name === 'single' ? 'joint' : 'perTask', lstmUnits: 8 };
  const expected = await fixtureTensors(`joint/${name}.safetensors`);
  const inputs = await fixtureTensors('joint/batch.safetensors');
  return onTinyEncoder(folder, name === 'bert' ? [0, 2] : null, settings, inputs, expected);
}

/** A case of families.json, with all of its encoder's layers. */
export async function familyFixture(name: string, folder: TinyEncoder): Promise<JointFixture> {
  const expected = await fixtureTensors(`joint/${name}.safetensors`);
  const inputs = [...expected].filter(([tensor]) => tensor.startsWith('batch.'));
  const named = inputs.map(([tensor, value]) => [tensor.slice('batch.'.length), value] as const);
  return onTinyEncoder(folder, null, { lstmUnits: 8 }, new Map(named), expected);
}

async function onTinyEncoder(
  folder: TinyEncoder,
  layers: number[] | null,
  settings: object,
  inputs: Map<string, FixtureTensor>,
  expected: Map<string, FixtureTensor>,
): Promise<JointFixture> {
  const opened = await openTinyEncoder(folder);
  const encoder = selectLayers(opened, layers);
  const model = assemble(encoder.config, tasks, modelSchema.parse(settings));
  const newLayers = await fixtureTensors('joint/new_layers.safetensors');
  const parameters = new Map<string, tf.Tensor>();
  for (const { name: parameter, shape } of model.parameters) {
    const values = newLayers.get(parameter)?.data ?? (await encoder.weights.read(parameter));
    parameters.set(parameter, tf.tensor(values, shape));
  }
  await opened.weights.close();
  const [batch, seq] = inputs.get('ids')!.shape as [number, number];
  const ints = (tensor: string) => Int32Array.from(inputs.get(tensor)!.data);
  const lengths = ints('lengths');
  return {
    model,
    parameters,
    inside: Array.from({ length: batch * seq }, (_, i) => i).filter(
      (i) => i % seq < lengths[Math.floor(i / seq)]!,
    ),
    batch: {
      rows: tf.tensor1d(ints('ids'), 'int32'),
      lengths,
      batch,
      seq,
      real: tf.tensor2d(inputs.get('real')!.data, [batch * seq, 1]),
      pieces: inputs.get('real')!.data.reduce((sum, one) => sum + one, 0),
      windows: batch,
      targets: model.head.outputs.map(({ name, channels }) =>
        tf.tensor2d(inputs.get(`targets.${name}`)!.data, [batch * seq, channels.length]),
      ),
    },
    expected,
  };
}

/** Euclidean norm and sum(x[i]·cos(i)), as the fixtures have them of every gradient. */
export function sums(values: Float32Array): [number, number] {
  let square = 0;
  let sum = 0;
  values.forEach((value, index) => {
    square += value * value;
    sum += value * Math.cos(index);
  });
  return [Math.sqrt(square), sum];
}
