import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbedder, openModel, openNormalizer, predict, train, UsageError } from '../../src/index.js';
import { fixtureFolder } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const closed = (what: string) => new UsageError(`The ${what} was closed: open it again`);

async function savedModel(): Promise<string> {
  const saved = join(folder(), 'model');
  await saveTinyModel(saved, 'tiny-distilbert');
  return saved;
}

const texts = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}`, text: 'Trabaja de enfermera.' }));

describe('a model', () => {
  test('that is closed among its predictions gives no more of them', async () => {
    const model = await openModel(await savedModel(), { engine: 'wasm' });
    const taken: string[] = [];
    const all = async () => {
      for await (const { name } of predict(model, texts(300))) if (taken.push(name) === 3) model.close();
    };
    await expect(all()).rejects.toThrow(closed('model'));
    expect(taken).toEqual(['0', '1', '2']);
  });

  test('that is closed under a batch is freed after it', async () => {
    const saved = await savedModel();
    (await openModel(saved, { engine: 'wasm' })).close(); // the engine has started
    await expectNoLeakedTensors(async () => {
      const model = await openModel(saved, { engine: 'wasm' });
      const first = predict(model, texts(300)).next();
      model.close();
      await expect(first).rejects.toThrow(closed('model'));
    });
  });

  test('refuses what is no list of texts, and goes on with one', async () => {
    const model = await openModel(await savedModel(), { engine: 'wasm' });
    for (const wrong of ['Trabaja de enfermera.', undefined, { name: 'a', text: 'b' }])
      await expect(predict(model, wrong as never).next()).rejects.toThrow(
        new UsageError('texts needs a list, or a stream, of { name, text }'),
      );
    await expect(predict(model, texts(1)).next()).resolves.toMatchObject({ value: { name: '0' } });
    model.close();
  });

  test('says so where another engine is started among its predictions', async () => {
    const saved = await savedModel();
    const first = await openModel(saved, { engine: 'wasm' });
    const taken = predict(first, texts(300));
    await taken.next();
    const second = await openModel(saved, { engine: 'cpu' });
    await expect(taken.next()).rejects.toThrow(
      'The model is on the engine wasm, and another one was started',
    );
    first.close();
    second.close();
  });
});

describe('an embedder', () => {
  const open = (cache?: string) =>
    openEmbedder(join(fixtureFolder, 'tiny-bert'), { kind: 'pooledEncoder', engine: 'wasm', cache } as const);

  test('that was closed says so, and loads nothing again', async () => {
    const cache = folder();
    const embedder = await open(cache);
    await embedder.embed(['Trabaja de enfermera.']);
    embedder.close();
    const before = tf.memory().numTensors;
    await expect(embedder.embed(['Su padre es albañil.'])).rejects.toThrow(closed('embedder'));
    expect(tf.memory().numTensors).toBe(before);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  test('that is closed under a batch is freed after it', async () => {
    const embedder = await open();
    const embedded = embedder.embed(['Trabaja de enfermera.']);
    embedder.close();
    await expect(embedded).rejects.toThrow(closed('embedder'));
  });
});

test('a normalizer says so that was closed, or is given no mentions or no candidates', async () => {
  const { config, out } = await tinyRun(folder());
  for await (const event of train(config, { folder: out })) void event;
  const normalizer = await openNormalizer(out);
  await expect(normalizer.code(['enfermera'] as never)).rejects.toThrow('mention 0 has no text');
  await expect(normalizer.code([{ text: 'enfermera' }], { candidates: 0 })).rejects.toThrow(UsageError);
  normalizer.close();
  await expect(normalizer.code([{ text: 'enfermera' }])).rejects.toThrow(closed('normalizer'));
});
