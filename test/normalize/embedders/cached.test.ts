import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../../src/context.js';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { join } from 'node:path';
import { inPrecision } from '../../../src/backend/precision.js';
import { cachedEmbedder } from '../../../src/normalize/embedders/cached.js';
import type { EmbedderSource } from '../../../src/normalize/embedders/source.js';
import { leaveLock } from '../../support/deadLock.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();
const DIMENSION = 3;
/** Sentences that the source computes together. */
const BATCH = 100;

/** Its vectors are of a sentence's length, first character and one that tells embedders apart. */
function countingSource(name = 'counting', mark = 0.1) {
  const computed: string[] = [];
  const counts = { opened: 0, disposed: 0 };
  const source: EmbedderSource = {
    name,
    dimension: DIMENSION,
    async open() {
      counts.opened++;
      return {
        name,
        dimension: DIMENSION,
        async embed(sentences, { keep, reached } = {}) {
          for (let at = 0; at < sentences.length; at += BATCH) {
            const some = sentences.slice(at, at + BATCH);
            computed.push(...some);
            const vectors = Float32Array.from(some.flatMap((sentence) => vectorOf(sentence, mark)));
            await keep?.([...some.keys()].map((i) => at + i), vectors); // prettier-ignore
            await reached?.(at + some.length);
          }
          return Float32Array.from(sentences.flatMap((sentence) => vectorOf(sentence, mark)));
        },
        dispose: () => void counts.disposed++,
      };
    },
  };
  return { source, computed, counts };
}

const vectorOf = (sentence: string, mark = 0.1) => [sentence.length, sentence.codePointAt(0) ?? -1, mark];
const rows = (sentences: string[], mark = 0.1) =>
  Float32Array.from(sentences.flatMap((sentence) => vectorOf(sentence, mark)));

async function embed(folder: string, sentences: string[], counting = countingSource()) {
  const embedder = cachedEmbedder(folder, counting.source, createContext());
  const vectors = await embedder.embed(sentences);
  embedder.dispose();
  return { vectors, ...counting };
}

function cacheFile(folder: string): string {
  const [file, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  return join(folder, file!);
}

describe('a cached embedder', () => {
  const sentences = ['Trabaja de enfermera.', '', 'Es médico.', '', 'Jubilada.'];

  test('gives the vectors in the order of the sentences, and computes equal ones once', async () => {
    const { vectors, computed } = await embed(temporaryFolder(), sentences);
    expect(vectors).toEqual(rows(sentences));
    expect([...computed].sort()).toEqual([...new Set(sentences)].sort());
  });

  test('keeps vectors of another precision apart', async () => {
    const folder = temporaryFolder();
    await embed(folder, sentences);
    const { computed } = await inPrecision('bfloat16', () => embed(folder, sentences));
    expect(computed.length).toBeGreaterThan(0);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('computes nothing a second time, and does not even load the weights', async () => {
    const folder = temporaryFolder();
    await embed(folder, sentences);
    leaveLock(`${cacheFile(folder)}.lock`); // of one that was killed when it had computed all
    const { vectors, computed, counts } = await embed(folder, [...sentences].reverse());
    cacheFile(folder); // and nothing else
    expect(vectors).toEqual(rows([...sentences].reverse()));
    expect({ computed, ...counts }).toEqual({ computed: [], opened: 0, disposed: 0 });
  });

  test('computes only what is new', async () => {
    const folder = temporaryFolder();
    await embed(folder, sentences);
    const { vectors, computed, counts } = await embed(folder, ['Minero.', ...sentences]);
    expect(vectors).toEqual(rows(['Minero.', ...sentences]));
    expect({ computed, ...counts }).toEqual({ computed: ['Minero.'], opened: 1, disposed: 1 });
  });

  test('keeps embedders of other names apart', async () => {
    const folder = temporaryFolder();
    await embed(folder, sentences);
    const { vectors } = await embed(folder, sentences, countingSource('other', 0.7));
    expect(vectors).toEqual(rows(sentences, 0.7));
  });

  test.each([1, 12, 29])('mends a file that was cut %i bytes short', async (bytes) => {
    const folder = temporaryFolder();
    await embed(folder, sentences);
    const file = cacheFile(folder);
    truncateSync(file, statSync(file).size - bytes);
    const { vectors, computed } = await embed(folder, sentences);
    expect(vectors).toEqual(rows(sentences));
    expect(computed).toHaveLength(1);
    expect((await embed(folder, sentences)).computed).toEqual([]);
  });

  test('computes again what a damaged record held', async () => {
    const folder = temporaryFolder();
    await embed(folder, sentences);
    const file = cacheFile(folder);
    const bytes = readFileSync(file);
    bytes[20]! ^= 4; // in the first vector
    writeFileSync(file, bytes);
    const { vectors, computed } = await embed(folder, sentences);
    expect(vectors).toEqual(rows(sentences));
    expect(computed).toHaveLength(1);
  });

  test('keeps every batch that was computed before a stop', async () => {
    const folder = temporaryFolder();
    const many = Array.from({ length: 1100 }, (_, i) => `${'a'.repeat(1 + (i % 7))} ${i}`);
    const { source, computed } = countingSource();
    const reached = async (done: number) => {
      if (done >= 300) throw new Error('stopped');
    };
    const stopped = cachedEmbedder(folder, source, createContext()).embed(many, { reached });
    await expect(stopped).rejects.toThrow('stopped');
    const later = await embed(folder, many);
    expect(later.vectors).toEqual(rows(many));
    expect(computed).toHaveLength(300);
    expect(later.computed).toHaveLength(800);
  });

  test('says what to do where its folder cannot be made', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(embed(file, sentences)).rejects.toThrow(
      /counting-float32-3\.vectors cannot be written \(EEXIST\): .* set cache to another folder or to null/,
    );
  });

  test('lets go of its lock where its file cannot be opened', async () => {
    const folder = temporaryFolder();
    const embedder = cachedEmbedder(folder, countingSource().source, createContext());
    const reached = async () => {
      const file = cacheFile(folder); // was looked into, and is opened again to be written
      rmSync(file);
      mkdirSync(file);
    };
    await expect(embedder.embed(sentences, { reached })).rejects.toThrow(/cannot be written \(EISDIR\)/);
    rmdirSync(cacheFile(folder));
    expect(await embedder.embed(sentences)).toEqual(rows(sentences));
  });

  test('loads the weights again where that failed', async () => {
    const { source } = countingSource();
    let fails = true;
    const open: EmbedderSource['open'] = async (context) => {
      if (fails) throw new Error('no memory');
      return source.open(context);
    };
    const embedder = cachedEmbedder(temporaryFolder(), { ...source, open }, createContext());
    await expect(embedder.embed(sentences)).rejects.toThrow('no memory');
    fails = false;
    expect(await embedder.embed(sentences)).toEqual(rows(sentences));
  });

  test('counts what it finds and what it computes', async () => {
    const folder = temporaryFolder();
    await embed(folder, sentences.slice(0, 2));
    const counts: number[] = [];
    const reached = async (done: number) => void counts.push(done);
    await cachedEmbedder(folder, countingSource().source, createContext()).embed(sentences, { reached });
    expect(counts[0]).toBe(3); // the empty one twice
    expect(counts.at(-1)).toBe(5);
  });
});
