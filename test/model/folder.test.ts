import { beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTokenizer } from '../../src/data/tokenizers/open.js';
import { InputError } from '../../src/errors.js';
import { openCheckpoint, saveModel } from '../../src/model/folder.js';
import { assemble } from '../../src/model/model.js';
import { openWeights } from '../../src/model/weights/open.js';
import type { TinyEncoder } from '../support/encoder.js';
import { fixtureFolder } from '../support/fixtures.js';
import { saveTinyModel, type TinyChange } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

describe('a saved model', () => {
  test.each<[TinyEncoder, TinyChange]>([
    ['tiny-distilbert', { activation: 'relu' }],
    ['tiny-bert', { layers: [0, 2] }],
  ])('of %s opens as it was', async (name, change) => {
    const folder = temporaryFolder();
    const saved = await saveTinyModel(folder, name, change);
    const { model, settings, weights, tokenizer } = await openCheckpoint(folder);
    expect(settings).toEqual(saved.settings);
    expect(model.encoder).toEqual(saved.model.encoder);
    expect(model.head.outputs).toEqual(saved.model.head.outputs);
    expect(tokenizer).toMatchObject({ lowercase: false, file: join(folder, 'vocab.txt') });
    expect([...weights.entries.keys()].sort()).toEqual([...saved.values.keys()].sort());
    for (const [parameter, values] of saved.values) expect(await weights.read(parameter)).toEqual(values);
    await weights.close();
  });

  test("keeps the tokenizer's own files", async () => {
    const folder = temporaryFolder();
    const source = join(fixtureFolder, 'tokenizers/unigram');
    const tokenizer = await openTokenizer(source);
    const { model, settings, values } = await saveTinyModel(temporaryFolder(), 'tiny-bert');
    const encoder = { ...model.encoder, vocabularySize: tokenizer.size + 3 };
    const larger = assemble(encoder, settings.tasks, settings.model);
    await saveModel(folder, larger, { settings, tokenizer }, async (name) =>
      name.endsWith('word_embeddings.weight')
        ? new Float32Array(encoder.vocabularySize * encoder.hidden)
        : values.get(name)!,
    );
    for (const name of ['tokenizer.json', 'tokenizer_config.json'])
      expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(source, name)));
    const opened = await openCheckpoint(folder);
    await opened.weights.close();
    expect(opened.tokenizer.file).toBe(join(folder, 'tokenizer.json'));
    expect(await opened.tokenizer.encode('La médica')).toEqual(await tokenizer.encode('La médica'));
  });

  test('is a pretrained encoder too', async () => {
    const folder = temporaryFolder();
    const { model, values } = await saveTinyModel(folder, 'tiny-bert', { layers: [2] });
    const { config: encoder, weights } = await openWeights(folder);
    expect(encoder).toEqual(model.encoder);
    const words = 'bert.embeddings.word_embeddings.weight';
    expect(await weights.read(words)).toEqual(values.get(words));
    await weights.close();
  });
});

describe('what is wrong with the folder of a model is said in a sentence:', () => {
  let folder: string;
  beforeEach(async () => {
    folder = temporaryFolder();
    await saveTinyModel(folder, 'tiny-distilbert', { layers: [0] });
  });

  const settings = () => JSON.parse(readFileSync(join(folder, 'meddoprof.json'), 'utf8'));
  const write = (content: string) => writeFileSync(join(folder, 'meddoprof.json'), content);
  const failure = () =>
    openCheckpoint(folder).then(
      () => 'none',
      (error: Error) => {
        expect(error).toBeInstanceOf(InputError);
        return error.message.replaceAll(folder, 'DIR');
      },
    );

  test('there are no settings', async () => {
    rmSync(join(folder, 'meddoprof.json'));
    expect(await failure()).toBe('DIR/meddoprof.json cannot be read: it does not exist.');
  });

  test('the settings are no JSON', async () => {
    write('{');
    expect(await failure()).toMatch(
      /^DIR\/meddoprof\.json cannot be read as the settings of a checkpoint: it is not JSON .*; the checkpoint is damaged, or of another version\.$/,
    );
  });

  test('a setting has a value that cannot be', async () => {
    write(JSON.stringify({ ...settings(), format: 2 }));
    expect(await failure()).toMatch(/^DIR\/meddoprof\.json was made by a newer meddoprof: .*format 2/);
  });

  test.each(['../../escaped', '/tmp', '.', 'a/../..'])('predictions would go to %j', async (path) => {
    const given = settings();
    given.tasks.ner.folder = path;
    write(JSON.stringify(given));
    expect(await failure()).toMatch(/tasks\.ner\.folder is .* leads out of where predictions go/);
  });

  test('a label has been added that the weights do not know', async () => {
    const given = settings();
    given.tasks.ner.labels.push('D');
    write(JSON.stringify(given));
    expect(await failure()).toBe(
      'DIR/model.safetensors: heads.ner.weight has shape [2,8]; by meddoprof.json it must be [3,8]',
    );
  });

  test('a task has been added that the weights do not know', async () => {
    const given = settings();
    given.tasks.other = { folder: 'other', labels: ['E'] };
    write(JSON.stringify(given));
    expect(await failure()).toBe(
      'DIR/model.safetensors: heads.other.weight is missing; by meddoprof.json it must be [1,8]',
    );
  });

  test('the labels have more combinations than any model learns', async () => {
    const given = settings();
    const labels = Array.from({ length: 30 }, (_, i) => `L${i}`);
    for (const task of ['a', 'b', 'c']) given.tasks[task] = { folder: task, labels };
    given.model.outputs = 'joint';
    write(JSON.stringify(given));
    expect(await failure()).toMatch(
      /^DIR\/meddoprof\.json: model\.outputs is joint, .* have \d+ combinations; more than 10000 are not learned: the checkpoint is damaged/,
    );
  });

  test('the windows are longer than the encoder can take', async () => {
    const given = settings();
    write(JSON.stringify({ ...given, windows: { windowPieces: 128, windowStride: 96 } }));
    expect(await failure()).toBe(
      'DIR/meddoprof.json: windows of 128 pieces, and the encoder has 64 positions: the checkpoint is damaged',
    );
  });
});
