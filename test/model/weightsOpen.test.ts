import { describe, expect, test } from '@jest/globals';
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEncoderConfig } from '../../src/model/encoders/config.js';
import { openWeights } from '../../src/model/weights/open.js';
import { writeSafetensors, type TensorSource } from '../../src/model/weights/writeSafetensors.js';
import {
  encoderTensors,
  tinyBert,
  tinyDistilbert,
  tinyVocabulary,
  writeEncoderFolder,
} from '../support/encoderFolder.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

/** Opens the folder, reads every tensor and closes it. */
async function readAll(folder: string) {
  const { weights, ...rest } = await openWeights(folder);
  const values = new Map<string, Float32Array>();
  for (const name of weights.entries.keys()) values.set(name, await weights.read(name));
  await weights.close();
  return { ...rest, values };
}

async function folderOf(json: object, change?: (tensors: TensorSource[]) => TensorSource[]) {
  const folder = temporaryFolder();
  await writeEncoderFolder(folder, json, change);
  return folder;
}

describe('a Hugging Face folder', () => {
  test.each([
    ['DistilBERT', tinyDistilbert, 0],
    ['BERT', tinyBert, 2],
  ])("of %s has the config's shape and every tensor", async (_, json, typeVocabularySize) => {
    const { config, values, tokenizer } = await readAll(await folderOf(json));
    expect(config).toEqual({
      type: json.model_type,
      hidden: 4,
      layers: 1,
      attentionHeads: 2,
      intermediate: 6,
      vocabularySize: 7,
      positions: 8,
      typeVocabularySize,
      layerNormEpsilon: 1e-12,
      activation: 'gelu',
    });
    for (const { name, data } of encoderTensors(config)) expect(values.get(name)).toEqual(data);
    expect(tokenizer).toMatchObject({
      lowercase: false,
      size: 7,
      file: expect.stringMatching(/vocab\.txt$/),
    });
  });

  test('without the prefix and with gamma and beta reads as today’s names', async () => {
    const renamed = (tensors: TensorSource[]) =>
      tensors.map((tensor) => ({
        ...tensor,
        name: tensor.name
          .replace('bert.', '')
          .replace('LayerNorm.weight', 'LayerNorm.gamma')
          .replace('LayerNorm.bias', 'LayerNorm.beta'),
      }));
    const { config, values } = await readAll(await folderOf(tinyBert, renamed));
    for (const { name, data } of encoderTensors(config)) expect(values.get(name)).toEqual(data);
  });

  test('in shards reads as one', async () => {
    const folder = await folderOf(tinyDistilbert);
    rmSync(join(folder, 'model.safetensors'));
    const tensors = encoderTensors(parseEncoderConfig(tinyDistilbert, 'config.json'));
    const map: Record<string, string> = {};
    for (const shard of [0, 1]) {
      const file = `model-0000${shard + 1}-of-00002.safetensors`;
      const part = tensors.filter((_, i) => i % 2 === shard);
      for (const { name } of part) map[name] = file;
      await writeSafetensors(join(folder, file), part);
    }
    const index = join(folder, 'model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ weight_map: map }));
    const { values } = await readAll(folder);
    for (const { name, data } of tensors) expect(values.get(name)).toEqual(data);
    writeFileSync(index, JSON.stringify({ weight_map: { ...map, x: '../x.safetensors' } }));
    await expect(openWeights(folder)).rejects.toThrow(/index\.json: x is said to be in .*no file name/);
  });

  test('keeps what it holds beside the encoder, and leaves out buffers', async () => {
    const more = (tensors: TensorSource[]) => [
      ...tensors,
      { name: 'heads.ner.bias', shape: [2], data: Float32Array.of(1, 2) },
      { name: 'distilbert.embeddings.position_ids', shape: [1, 1], data: BigInt64Array.of(0n) },
    ];
    const { values } = await readAll(await folderOf(tinyDistilbert, more));
    expect(values.get('heads.ner.bias')).toEqual(Float32Array.of(1, 2));
    expect([...values.keys()].filter((name) => name.includes('position_ids'))).toEqual([]);
  });

  test('says in tokenizer_config.json whether it was trained on lower case', async () => {
    const folder = await folderOf(tinyBert);
    writeFileSync(join(folder, 'tokenizer_config.json'), '{"do_lower_case": true}');
    expect((await readAll(folder)).tokenizer.lowercase).toBe(true);
  });

  test('may have more rows in its word table than pieces', async () => {
    const { config, tokenizer } = await readAll(await folderOf({ ...tinyBert, vocab_size: 10 }));
    expect([config.vocabularySize, tokenizer.size]).toEqual([10, 7]);
  });

  test('of before model_type existed is told by its architecture', async () => {
    const { model_type: _, ...old } = tinyBert;
    expect(parseEncoderConfig({ ...old, architectures: ['BertForMaskedLM'] }, 'c').type).toBe('bert');
    expect(() => parseEncoderConfig({ ...old, architectures: ['RobertaModel'] }, 'c')).toThrow(
      /RobertaModel/,
    );
  });
});

describe('is refused with a sentence', () => {
  const name = 'distilbert.transformer.layer.0.ffn.lin1.weight';
  const faults: [string, (folder: string) => void | Promise<void>, RegExp][] = [
    ['a folder that is not there', (f) => rmSync(f, { recursive: true }), /does not exist: fetch a model/],
    [
      'a folder without a config',
      (f) => rmSync(join(f, 'config.json')),
      /neither config\.json nor bert_config/,
    ],
    [
      'another architecture',
      (f) => writeFileSync(join(f, 'config.json'), '{"model_type": "electra"}'),
      /config\.json: the model is of type electra; only distilbert, bert/,
    ],
    [
      'a config without a number that is needed',
      (f) => writeFileSync(join(f, 'config.json'), JSON.stringify({ ...tinyDistilbert, dim: undefined })),
      /config\.json: dim is missing, and the model is of type distilbert: copy the file from the model again/,
    ],
    [
      'a config with text for a number',
      (f) => writeFileSync(join(f, 'config.json'), JSON.stringify({ ...tinyDistilbert, dim: 'wide' })),
      /config\.json: dim: expected number, received string, and/,
    ],
    [
      'relative positions',
      (f) =>
        writeFileSync(
          join(f, 'config.json'),
          JSON.stringify({ ...tinyBert, position_embedding_type: 'relative_key' }),
        ),
      /position_embedding_type/,
    ],
    [
      'a missing tensor',
      (f) => writeEncoderFolder(f, tinyDistilbert, (all) => all.filter((tensor) => tensor.name !== name)),
      /model\.safetensors: there is no tensor distilbert\.transformer\.layer\.0\.ffn\.lin1\.weight; a distilbert of 1 layers/,
    ],
    [
      'a tensor of another shape',
      (f) =>
        writeEncoderFolder(f, tinyDistilbert, (all) =>
          all.map((tensor) => (tensor.name === name ? { ...tensor, shape: [4, 6] } : tensor)),
        ),
      /model\.safetensors: .*lin1\.weight has shape \[4,6\]; by .*config\.json it must be \[6,4\]/,
    ],
    [
      'another vocabulary',
      (f) => writeFileSync(join(f, 'vocab.txt'), `${tinyVocabulary.join('\n')}\nuna\n`),
      /vocab\.txt has 8 pieces, but vocab_size in .* is 7/,
    ],
    [
      'a tokenizer.json with ids that the table does not have',
      (f) => cpSync(join(fixtureFolder, 'tokenizers/unigram'), f, { recursive: true }),
      /tokenizer\.json has \d+ pieces, but vocab_size in .* is 7: they belong to different models/,
    ],
    ['no vocabulary', (f) => rmSync(join(f, 'vocab.txt')), /vocab\.txt does not exist/],
    [
      'pickled weights',
      (f) => renameSync(join(f, 'model.safetensors'), join(f, 'pytorch_model.bin')),
      /pytorch_model\.bin is a pickle.*python -c .*v\.clone\(\)\.contiguous\(\)/,
    ],
    [
      'pickled weights in parts',
      (f) => renameSync(join(f, 'model.safetensors'), join(f, 'pytorch_model-00001-of-00002.bin')),
      /pytorch_model-00001-of-00002\.bin is a pickle.*glob\('pytorch_model\*\.bin'\)/,
    ],
    ['no weights', (f) => rmSync(join(f, 'model.safetensors')), /has no weights/],
  ];
  test.each(faults)('%s', async (_, spoil, message) => {
    const folder = await folderOf(tinyDistilbert);
    await spoil(folder);
    const error = await openWeights(folder).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: 'InputError' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(folder);
  });
});
