import { describe, expect, test } from '@jest/globals';
import { createContext, type Reached } from '../../../src/context.js';
import { Interrupted } from '../../../src/errors.js';
import { cachedEmbedder } from '../../../src/normalize/embedders/cached.js';
import { join } from 'node:path';
import { wordPieceTokenizer } from '../../../src/data/tokenizers/wordPiece.js';
import { inPrecision } from '../../../src/backend/precision.js';
import { pooledEncoder } from '../../../src/normalize/embedders/pooledEncoder.js';
import { encoderFixture, hiddenStates, type TinyEncoder } from '../../support/encoder.js';
import { describeEngines } from '../../support/engines.js';
import { fixtureFolder, fixtureVocabulary } from '../../support/fixtures.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { expectClose } from '../../support/tensors.js';

const folder = temporaryFolders();
const sentences = ['trabaja de enfermera', '', 'su hijo es médico en una casa de la sierra', 'ama'];

/** One sentence at a time, unpadded, added up in JavaScript. */
async function expectedVectors(name: TinyEncoder, layers: number[]): Promise<number[]> {
  const tokenizer = wordPieceTokenizer(fixtureVocabulary(name));
  const fixture = await encoderFixture(name);
  const { hidden } = fixture.config;
  const vectors: number[] = [];
  for (const sentence of sentences) {
    const { ids: pieces } = await tokenizer.encode(sentence);
    const ids = Int32Array.of(tokenizer.cls, ...pieces, tokenizer.sep);
    const seq = ids.length;
    const states = hiddenStates({ ...fixture, ids, lengths: Int32Array.of(seq), batch: 1, seq });
    for (let dimension = 0; dimension < hidden; dimension++) {
      let sum = 0;
      for (const layer of layers)
        for (let piece = 0; piece < seq; piece++) sum += states[layer]![piece * hidden + dimension]!;
      vectors.push(sum / (layers.length * seq));
    }
  }
  return vectors;
}

function tests(): void {
  test.each<[TinyEncoder, number[]]>([
    ['tiny-bert', [1, 3]],
    ['tiny-bert', [0]],
    ['tiny-distilbert', [0, 2]],
    ['tiny-distilbert', [3]],
  ])('gives the mean over all pieces of %s and layers %j', (name, layers) =>
    expectNoLeakedTensors(async () => {
      const embedder = await (await pooledEncoder(join(fixtureFolder, name), layers)).open(createContext());
      const vectors = await embedder.embed(sentences);
      embedder.dispose();
      expectClose(vectors, await expectedVectors(name, layers), 1e-5);
    }),
  );

  test('compiled gives what it gives op by op', () =>
    expectNoLeakedTensors(async () => {
      const embedder = await (
        await pooledEncoder(join(fixtureFolder, 'tiny-bert'), [1, 3], 16)
      ).open(createContext());
      const many = Array.from({ length: 20 }, () => sentences[2]!);
      const [one, all] = [await embedder.embed(many.slice(0, 1)), await embedder.embed(many)];
      embedder.dispose();
      expectClose(all, many.flatMap(() => [...one]), 1e-5); // prettier-ignore
    }));

  test.each([100, 500, 900])(
    'that was stopped after %d of a thousand sentences gives the rest as if it had not been, to the bit',
    async (stop) => {
      const words = ['enfermera', 'médico', 'trabaja', 'ama', 'sierra', 'hijo', 'casa', 'rrhh'];
      const textOf = (i: number) =>
        Array.from({ length: 1 + (i % 9) }, (_, at) => words[(i * 3 + at * i) % words.length]).join(' ') +
        ` ${i}`;
      const many = Array.from({ length: 1000 }, (_, i) => textOf(i));
      const source = await pooledEncoder(join(fixtureFolder, 'tiny-bert'), [1, 3], 128);
      const embed = async (cache: string, reached?: Reached) => {
        const embedder = cachedEmbedder(cache, source, createContext());
        try {
          return await embedder.embed(many, { ...(reached && { reached }) });
        } finally {
          embedder.dispose();
        }
      };
      const whole = await embed(folder());
      const cache = folder();
      let kept = 0;
      const stopping = async (done: number) => {
        kept = done;
        if (done >= stop) throw new Interrupted('Stopped');
      };
      await expect(embed(cache, stopping)).rejects.toBeInstanceOf(Interrupted);
      const seen: number[] = [];
      expect(await embed(cache, async (done) => void seen.push(done))).toEqual(whole);
      expect(seen[0]).toBe(kept); // nothing is computed twice
    },
  );
}

describeEngines('a pooled encoder', tests, ['native', 'wasm']);

describe('the name of a pooled encoder', () => {
  const folder = join(fixtureFolder, 'tiny-bert');
  const nameOf = async (layers?: number[]) => (await pooledEncoder(folder, layers)).name;

  test('tells layers apart, in any order, the first and last by default', async () => {
    expect(await nameOf([3, 1, 1])).toBe(await nameOf());
    expect(await nameOf([1, 2])).not.toBe(await nameOf());
  });

  test('tells weights apart, not the precision: an index serves both', async () => {
    const name = await nameOf();
    expect((await pooledEncoder(join(fixtureFolder, 'tiny-distilbert'))).name).not.toBe(name);
    expect(await inPrecision('bfloat16', () => nameOf())).toBe(name);
  });

  test.each([[[4]], [[-1]], [[1.5]], [[]]])('is not given for layers %j', async (layers) => {
    await expect(nameOf(layers)).rejects.toThrow(
      /^layers .* has 0 \(the embeddings\) to 3: name some of these/,
    );
  });
});
