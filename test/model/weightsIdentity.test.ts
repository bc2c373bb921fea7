import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { weightsIdentity } from '../../src/model/weights/identity.js';
import { extentOf, sizeOf, type Rows, type WeightFile } from '../../src/model/weights/weightFile.js';

const shapes: Record<string, number[]> = { bias: [3], matrix: [300, 4], small: [2, 3] };

/** Weights whose values are counted up, but for those of one row, and how many values were read of each. */
function weightsOf(changed?: { name: string; from: number }) {
  const read: Record<string, number> = {};
  const valuesOf = (name: string) =>
    Float32Array.from({ length: sizeOf(shapes[name]!) }, (_, i) =>
      changed?.name === name && i >= changed.from ? i + 0.5 : i,
    );
  const weights = {
    file: 'weights',
    read(name: string, rows?: Rows) {
      const { offset, values } = extentOf({ name, shape: shapes[name]!, dtype: 'F32' }, 'weights', rows);
      read[name] = (read[name] ?? 0) + values;
      return Promise.resolve(valuesOf(name).slice(offset, offset + values));
    },
  } as WeightFile;
  return { weights, read };
}

const parameters = Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
const identityOf = (weights: WeightFile, whole?: (name: string) => boolean) =>
  weightsIdentity(
    { settings: { layers: 1 }, weights, tokenizer: { identity: ['pieces'] } },
    parameters,
    whole,
  );

describe('the identity of weights', () => {
  test.each([
    ['bias', 2],
    ['small', 5],
    ['matrix', 0],
    ['matrix', 900], // the last third of its rows, such as the values' of one matrix for queries, keys and values
  ])('is another where %s is another from value %d on', async (name, from) => {
    const { identity } = await identityOf(weightsOf().weights);
    expect((await identityOf(weightsOf({ name, from }).weights)).identity).not.toBe(identity);
  });

  test('is found without reading a large matrix, unless that is asked for', async () => {
    const [some, all] = [weightsOf(), weightsOf()];
    await identityOf(some.weights);
    await identityOf(all.weights, (name) => name === 'matrix');
    expect([some.read, all.read]).toEqual([
      { bias: 3, matrix: 64, small: 6 },
      { bias: 3, matrix: 1200, small: 6 },
    ]);
  });

  test('is told beside the one that older versions made, of vectors alone', async () => {
    const hash = createHash('sha256')
      .update('{"layers":1}bias 3;')
      .update(Float32Array.of(0, 1, 2));
    hash.update('matrix 300,4;small 2,3;pieces');
    expect((await identityOf(weightsOf().weights)).former).toBe(hash.digest('hex').slice(0, 16));
    const { former } = await identityOf(weightsOf({ name: 'matrix', from: 0 }).weights);
    expect(former).toBe((await identityOf(weightsOf().weights)).former);
  });
});
