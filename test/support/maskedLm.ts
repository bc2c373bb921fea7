import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWeights } from '../../src/model/weights/open.js';
import { writeSafetensors } from '../../src/model/weights/writeSafetensors.js';
import type { TinyEncoder } from './encoder.js';
import { fixtureFolder, fixtureJson, fixtureTensors } from './fixtures.js';
import { googleTensor, writeCheckpoint, type CheckpointTensor } from './tensorflowCheckpoint.js';

/** A batch with masked pieces, and what transformers computes of it. */
export interface MaskedFixture {
  ids: Int32Array; // [batch*seq]
  lengths: Int32Array;
  batch: number;
  seq: number;
  positions: Int32Array; // [masked] flat
  labels: Int32Array; // [masked]
  logits: Float32Array; // [masked * vocabulary]
  loss: number;
}

export async function maskedFixture(name: TinyEncoder): Promise<MaskedFixture> {
  const tensors = await fixtureTensors(`${name}/hidden_states.safetensors`);
  const ints = (tensor: string) => Int32Array.from(tensors.get(tensor)!.data);
  const [batch, seq] = tensors.get('mlm.ids')!.shape as [number, number];
  const pairs = ints('mlm.positions');
  const positions = Int32Array.from({ length: pairs.length / 2 }, (_, i) => pairs[2 * i]! * seq + pairs[2 * i + 1]!); // prettier-ignore
  const labels = ints('mlm.labels');
  return {
    ids: ints('mlm.ids'),
    lengths: ints('lengths'),
    batch,
    seq,
    positions,
    labels: positions.map((position) => labels[position]!),
    logits: tensors.get('mlm.logits')!.data,
    loss: tensors.get('mlm.loss')!.data[0]!,
  };
}

async function tinyTensors(name: TinyEncoder): Promise<CheckpointTensor[]> {
  const { weights } = await openWeights(join(fixtureFolder, name));
  const tensors: CheckpointTensor[] = [];
  for (const [tensor, { shape }] of weights.entries)
    tensors.push({ name: tensor, shape, data: await weights.read(tensor) });
  await weights.close();
  return tensors;
}

/** The tiny BERT as a folder of Google's. */
export async function writeGoogleBert(folder: string): Promise<void> {
  const { model_type: _, architectures: __, ...config } = fixtureJson('tiny-bert/config.json');
  writeFileSync(join(folder, 'bert_config.json'), JSON.stringify(config));
  copyFileSync(join(fixtureFolder, 'tiny-bert/vocab.txt'), join(folder, 'vocab.txt'));
  const tensors = (await tinyTensors('tiny-bert')).map(googleTensor);
  const named = tensors.map((tensor) => ({ ...tensor, name: `module/${tensor.name}` }));
  writeCheckpoint(join(folder, 'variables'), named);
}

/** A tiny model in a folder of its own, with only some of its tensors, perhaps changed. */
export async function writeTinyModel(
  folder: string,
  name: TinyEncoder,
  change: (tensor: CheckpointTensor) => CheckpointTensor | undefined,
): Promise<void> {
  for (const file of ['config.json', 'vocab.txt'])
    copyFileSync(join(fixtureFolder, name, file), join(folder, file));
  const tensors = (await tinyTensors(name)).flatMap((tensor) => change(tensor) ?? []);
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}
