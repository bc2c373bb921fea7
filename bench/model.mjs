// Makes the model that both sides load: pretrained layers, with a BiLSTM and heads drawn at random on them, as
// a checkpoint that `meddoprof predict` and Python's transformers open alike. With --family the encoder is drawn at
// random, too (families.mjs), and texts are cut by the tests' tokenizer of 800 pieces.
//
//     node bench/model.mjs [--weights FOLDER] [--layers 0,1,2,3,4,5] [--family NAME] [--model FOLDER]
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig, shippedConfig } from 'meddoprof';
import {
  assemble,
  familyOf,
  openTokenizer,
  openWeights,
  parseEncoderConfig,
  randomFrom,
  saveModel,
  selectLayers,
  settingsOf,
} from 'meddoprof/internal';
import { families } from './families.mjs';
import { modelOptions } from './options.mjs';

const { weights, layers, model, family } = parseArgs({ options: modelOptions }).values;
const made = JSON.stringify(family ? { family } : { weights, layers });
const mark = join(model, 'bench.json'); // what the folder was made of
if ((await readFile(mark, 'utf8').catch(() => '')) !== made) {
  process.stderr.write(`Making ${model} of ${family || `layers ${layers} of ${weights}`}\n`);
  await makeModel(`${model}.part`);
  await writeFile(join(`${model}.part`, 'bench.json'), made);
  await mkdir(dirname(model), { recursive: true });
  await rm(model, { recursive: true, force: true });
  await rename(`${model}.part`, model);
}

async function makeModel(folder) {
  const { config } = await loadConfig(shippedConfig('default.yaml'));
  const { encoder, tokenizer, known, close } = family ? await randomEncoder() : await pretrainedEncoder();
  const assembled = assemble(encoder, config.tasks, config.model);
  const shapes = new Map(assembled.parameters.map(({ name, shape }) => [name, shape]));
  const random = randomFrom(1);
  const drawn = (name) => {
    const size = shapes.get(name).reduce((product, side) => product * side, 1);
    return Float32Array.from({ length: size }, () => (random.next() - 0.5) / 8);
  };
  const read = async (name) => (await known(name)) ?? drawn(name);
  await rm(folder, { recursive: true, force: true });
  await saveModel(folder, assembled, { settings: settingsOf(config), tokenizer }, read);
  await close();
}

async function pretrainedEncoder() {
  const opened = await openWeights(weights);
  const chosen = selectLayers(opened, layers.split(',').map(Number));
  return {
    encoder: chosen.config,
    tokenizer: opened.tokenizer,
    known: (name) => (chosen.weights.entries.has(name) ? chosen.weights.read(name) : undefined),
    close: () => opened.weights.close(),
  };
}

async function randomEncoder() {
  const encoder = parseEncoderConfig(families[family], 'families.mjs');
  const tokenizer = await openTokenizer(
    fileURLToPath(new URL('../test/fixtures/tokenizers/byte-level', import.meta.url)),
  );
  const norms = new Map(
    familyOf(encoder)
      .parameters(encoder)
      .flatMap(({ name, shape }) => (/norm\.weight$/i.test(name) ? [[name, shape[0]]] : [])),
  );
  return {
    encoder,
    tokenizer,
    known: (name) => (norms.has(name) ? new Float32Array(norms.get(name)).fill(1) : undefined),
    close: () => undefined,
  };
}
