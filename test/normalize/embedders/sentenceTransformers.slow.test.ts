import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../../src/context.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Embedder } from '../../../src/normalize/embedder.js';
import { sentenceTransformers } from '../../../src/normalize/embedders/sentenceTransformers.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import {
  DENSE,
  expectedVectors,
  sentences,
  variantNames,
  writeSentenceFolder,
} from '../../support/sentences.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { expectClose } from '../../support/tensors.js';

const temporaryFolder = temporaryFolders();

/** Opens a folder's embedder, works with it and cleans up. */
async function withEmbedder<T>(
  folder: string,
  work: (embedder: Embedder) => Promise<T>,
  batchPieces?: number,
): Promise<T> {
  const embedder = await (await sentenceTransformers(folder, { batchPieces })).open(createContext());
  try {
    return await work(embedder);
  } finally {
    embedder.dispose();
  }
}

function tests(): void {
  test.each(variantNames)('gives the vectors of sentence-transformers: %s', (variant) =>
    expectNoLeakedTensors(async () => {
      const folder = temporaryFolder();
      writeSentenceFolder(folder, variant);
      const expected = await expectedVectors(variant);
      await withEmbedder(folder, async (embedder) => {
        expectClose(await embedder.embed(sentences), expected, 1e-5);
        expect(embedder.dimension).toBe(expected.length / sentences.length);
      });
    }),
  );

  test('gives a sentence the same vector whatever stands beside it, and in frequent batches', () =>
    expectNoLeakedTensors(async () => {
      const folder = temporaryFolder();
      writeSentenceFolder(folder);
      const expected = await expectedVectors(DENSE);
      const [empty, short] = [2, 4];
      const many = Array.from({ length: 41 }, (_, i) => [empty, short, 0, 1][i % 4]!);
      await withEmbedder(
        folder,
        async ({ embed, dimension }) => {
          const row = (index: number) => expected.slice(index * dimension, (index + 1) * dimension);
          for (const [index, sentence] of sentences.entries())
            expectClose(await embed([sentence]), row(index), 1e-5, sentence);
          const all = await embed(many.map((index) => sentences[index]!));
          expectClose(all, Float32Array.from(many.flatMap((index) => [...row(index)])), 1e-5);
        },
        64,
      );
    }));

  test('counts sentences up to their number', async () => {
    const folder = temporaryFolder();
    writeSentenceFolder(folder);
    const counts: number[] = [];
    const reached = async (done: number) => void counts.push(done);
    await withEmbedder(folder, ({ embed }) => embed(sentences, { reached }), 40);
    expect(counts.length).toBeGreaterThan(1);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(sentences.length);
  });

  test('gives no rows for no sentences', async () => {
    const folder = temporaryFolder();
    writeSentenceFolder(folder);
    expect(await withEmbedder(folder, ({ embed }) => embed([]))).toHaveLength(0);
  });
}

describeEngines('an embedder of sentence-transformers', tests, ['native', 'wasm']);

describe('the name of an embedder of sentence-transformers', () => {
  const nameOf = async (change: (folder: string) => void) => {
    const folder = temporaryFolder();
    writeSentenceFolder(folder);
    change(folder);
    return (await sentenceTransformers(folder)).name;
  };

  test('is that of its files, wherever they lie', async () => {
    expect(await nameOf(() => {})).toBe(await nameOf(() => {}));
  });

  test('changes with the pooling, the length, the activation and the weights of a Dense', async () => {
    const replace = (file: string, from: string, to: string) => (folder: string) => {
      const text = readFileSync(join(folder, file), 'latin1');
      expect(text).toContain(from);
      writeFileSync(join(folder, file), text.replace(from, to), 'latin1');
    };
    const dense = '2_Dense/model.safetensors';
    const byte = (folder: string) => {
      const bytes = readFileSync(join(folder, dense));
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(join(folder, dense), bytes);
    };
    const names = await Promise.all([
      nameOf(() => {}),
      nameOf(replace('sentence_bert_config.json', '64', '63')),
      nameOf(replace('2_Dense/config.json', 'Tanh', 'ReLU')),
      nameOf(replace('1_Pooling/config.json', '{"word', '{"pooling_mode":"max","word')),
      nameOf(byte),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });
});
