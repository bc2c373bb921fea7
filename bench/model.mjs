// Makes the model that both sides load: pretrained layers, with a BiLSTM and heads drawn at random on them, as
// a checkpoint that `meddoprof predict` and Python's transformers open alike.
//
//     node bench/model.mjs [--weights FOLDER] [--layers 0,1,2,3,4,5] [--model FOLDER]
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../dist/config/load.js';
import { shippedConfig } from '../dist/config/shipped.js';
import { randomFrom } from '../dist/data/random.js';
import { selectLayers } from '../dist/model/encoders/select.js';
import { saveModel } from '../dist/model/folder.js';
import { assemble } from '../dist/model/model.js';
import { openWeights } from '../dist/model/weights/open.js';
import { settingsOf } from '../dist/run/session.js';
import { modelOptions } from './options.mjs';

const { weights, layers, model } = parseArgs({ options: modelOptions }).values;
const made = JSON.stringify({ weights, layers });
const mark = join(model, 'bench.json'); // what the folder was made of
if ((await readFile(mark, 'utf8').catch(() => '')) !== made) {
  process.stderr.write(`Making ${model} of layers ${layers} of ${weights}\n`);
  await makeModel(`${model}.part`);
  await writeFile(join(`${model}.part`, 'bench.json'), made);
  await mkdir(dirname(model), { recursive: true });
  await rm(model, { recursive: true, force: true });
  await rename(`${model}.part`, model);
}

async function makeModel(folder) {
  const { config } = await loadConfig(shippedConfig('default.yaml'));
  const opened = await openWeights(weights);
  const encoder = selectLayers(opened, layers.split(',').map(Number));
  const assembled = assemble(encoder.config, config.tasks, config.model);
  const { tokenizer } = opened;
  const shapes = new Map(assembled.parameters.map(({ name, shape }) => [name, shape]));
  const random = randomFrom(1);
  const drawn = (name) => {
    const size = shapes.get(name).reduce((product, side) => product * side, 1);
    return Float32Array.from({ length: size }, () => (random.next() - 0.5) / 8);
  };
  const read = async (name) => (encoder.weights.entries.has(name) ? encoder.weights.read(name) : drawn(name));
  await rm(folder, { recursive: true, force: true });
  await saveModel(folder, assembled, { settings: settingsOf(config), tokenizer }, read);
  await opened.weights.close();
}
