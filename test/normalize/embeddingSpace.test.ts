import { beforeAll, describe, expect, test } from '@jest/globals';
import { startEngine } from '../../src/backend/engine.js';
import {
  addCentroids,
  embeddingSpace,
  embedTexts,
  type EmbeddingSettings,
} from '../../src/normalize/embeddingSpace.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { letterEmbedder } from '../support/normalization.js';
import { randomNumbers } from '../support/tensors.js';

beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

const contexts = ['{}', 'Trabaja de {}.'];
const settings = (changes: Partial<EmbeddingSettings> = {}): EmbeddingSettings => ({
  contexts,
  contextPooling: 'average',
  distance: 'cosine',
  ...changes,
});
const texts = ['médico', 'panadera', 'zzz', '$& {} $1'];
const points = texts.map((text, concept) => ({ text, concept: concept % 2, source: 'label' as const }));
const letters = async (sentence: string) => [...(await letterEmbedder().embed([sentence]))];
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0;
const add = (a: number[], b: number[], factor = 1) => a.map((x, i) => x + factor * b[i]!);

async function spaceOf(given: EmbeddingSettings, withCentroids = false) {
  const embedder = letterEmbedder();
  const vectors = await embedTexts(embedder, texts, given);
  const { vectors: all, centroids } = withCentroids
    ? addCentroids(vectors, points, embedder.dimension, given)
    : { vectors, centroids: [] };
  return { embedder, space: embeddingSpace(points, centroids, all, embedder, given) };
}

async function similarity(given: EmbeddingSettings, query: string): Promise<number[]> {
  const { space } = await spaceOf(given);
  const [row] = await space.similarities([query]);
  space.dispose();
  return [...row!];
}

describe('an embedding space', () => {
  test('puts texts into every context as they stand', async () => {
    const { embedder, space } = await spaceOf(settings());
    expect(embedder.asked).toEqual([...texts, ...texts.map((text) => `Trabaja de ${text}.`)]);
    space.dispose();
  });

  test('finds the cosine of the means over the contexts', async () => {
    const mean = async (text: string) => add(await letters(text), await letters(`Trabaja de ${text}.`));
    const found = await similarity(settings(), 'panadero');
    for (const [i, text] of texts.entries())
      expect(found[i]).toBeCloseTo(cosine(await mean('panadero'), await mean(text)), 5);
  });

  test('finds the best cosine of two texts in one context', async () => {
    const found = await similarity(settings({ contextPooling: 'best' }), 'panadero');
    for (const [i, text] of texts.entries()) {
      const apart = await Promise.all(
        contexts.map(async (context) =>
          cosine(
            await letters(context.replace('{}', 'panadero')),
            await letters(context.replace('{}', () => text)),
          ),
        ),
      );
      expect(found[i]).toBeCloseTo(Math.max(...apart), 5);
    }
  });

  test('finds 1 / (1 + Euclidean distance)', async () => {
    const found = await similarity(settings({ contexts: ['{}'], distance: 'euclidean' }), 'panadero');
    for (const [i, text] of texts.entries()) {
      const apart = add(await letters('panadero'), await letters(text), -1);
      expect(found[i]).toBeCloseTo(1 / (1 + Math.sqrt(dot(apart, apart))), 5);
    }
  });

  test.each(['cosine', 'euclidean'] as const)(
    'has the mean of each concept’s points as centroid (%s)',
    async (distance) => {
      const { space } = await spaceOf(settings({ contexts: ['{}'], distance }), true);
      expect([...space.concepts]).toEqual([0, 1, 0, 1, 0, 1]);
      const [row] = await space.similarities(['medir']);
      const scaled = async (text: string) => {
        const vector = await letters(text);
        return distance === 'cosine' ? vector.map((x) => x / Math.sqrt(dot(vector, vector))) : vector;
      };
      const mean = add(await scaled(texts[0]!), await scaled(texts[2]!)).map((x) => x / 2);
      const query = await scaled('medir');
      const apart = add(query, mean, -1);
      const expected = distance === 'cosine' ? cosine(query, mean) : 1 / (1 + Math.sqrt(dot(apart, apart)));
      expect(row![points.length]).toBeCloseTo(expected, 5);
      space.dispose();
    },
  );

  test('compares with more points than a block holds', async () => {
    const count = 20_000;
    const values = randomNumbers(count * 2, 3);
    const many = Array.from({ length: count }, (_, concept) => ({
      text: '',
      concept,
      source: 'label' as const,
    }));
    const embedder = {
      ...letterEmbedder(),
      dimension: 2,
      embed: () => Promise.resolve(Float32Array.of(1, 2, 3, -4)),
    };
    const given = settings({ contexts: ['{}'], distance: 'euclidean' });
    const space = embeddingSpace(many, [], [Float32Array.from(values)], embedder, given);
    const rows = await space.similarities(['a', 'b']);
    for (const [query, [x, y]] of [
      [1, 2],
      [3, -4],
    ].entries())
      for (const point of [0, 16_383, 16_384, count - 1])
        expect(rows[query]![point]).toBeCloseTo(
          1 / (1 + Math.hypot(values[2 * point]! - x!, values[2 * point + 1]! - y!)),
          5,
        );
    space.dispose();
  });

  test('leaves no tensor behind', () =>
    expectNoLeakedTensors(async () => {
      for (const distance of ['cosine', 'euclidean'] as const) {
        const { space } = await spaceOf(settings({ distance, contextPooling: 'best' }), true);
        await space.similarities(['médica', 'obrero']);
        space.dispose();
      }
    }));
});
