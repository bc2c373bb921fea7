import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { UsageError } from '../../../src/errors.js';
import { familyOf } from '../../../src/model/encoders/registry.js';
import { selectLayers } from '../../../src/model/encoders/select.js';
import { openWeights, type OpenedWeights } from '../../../src/model/weights/open.js';
import { fixtureFolder } from '../../support/fixtures.js';

let bert: OpenedWeights; // of three layers
beforeAll(async () => void (bert = await openWeights(join(fixtureFolder, 'tiny-bert'))));
afterAll(() => bert.weights.close());

const part = (layer: number) => `bert.encoder.layer.${layer}.attention.self.query.weight`;

test.each([[[0, 2]], [[2, 0]], [[1]], [[1, 1]]])(
  'layers %j are taken in that order and numbered anew',
  async (layers) => {
    const { config, weights } = selectLayers(bert, layers);
    expect(config).toEqual({ ...bert.config, layers: layers.length });
    expect([...weights.entries.keys()]).toEqual(
      familyOf(config)
        .parameters(config)
        .map(({ name }) => name),
    );
    for (const [to, from] of layers.entries())
      expect(await weights.read(part(to))).toEqual(await bert.weights.read(part(from)));
    const words = 'bert.embeddings.word_embeddings.weight';
    expect(await weights.read(words)).toEqual(await bert.weights.read(words));
  },
);

test('all layers are taken where none are named, and nothing above them', () => {
  const { config, weights } = selectLayers(bert, null);
  expect(config).toEqual(bert.config);
  expect([...weights.entries.keys()].filter((name) => /pooler|cls/.test(name))).toEqual([]);
  expect([...bert.weights.entries.keys()].some((name) => /pooler|cls/.test(name))).toBe(true);
});

test('a layer that the weights lack is a mistake of the config', () => {
  expect(() => selectLayers(bert, [0, 3])).toThrow(UsageError);
  expect(() => selectLayers(bert, [0, 3])).toThrow(
    /^encoder\.layers asks for layer 3, and .*model\.safetensors has layers 0 to 2$/,
  );
});

test('layers with two digits keep their own numbers', async () => {
  const specs = familyOf(bert.config).parameters({ ...bert.config, layers: 12 });
  const entries = new Map(specs.map(({ name, shape }) => [name, { name, shape, dtype: 'F32' }]));
  const read = (name: string) => Promise.resolve(Float32Array.of(Number(/layer\.(\d+)/.exec(name)![1])));
  const large = { config: { ...bert.config, layers: 12 }, weights: { ...bert.weights, entries, read } };
  const { weights } = selectLayers(large, [10, 1, 11]);
  const values = await Promise.all([0, 1, 2].map((layer) => weights.read(part(layer))));
  expect(values.map(([layer]) => layer)).toEqual([10, 1, 11]);
});
