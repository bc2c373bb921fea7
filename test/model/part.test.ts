import { expect, test } from '@jest/globals';
import { randomFrom } from '../../src/data/random.js';
import { linearSpecs, normal, normSpecs, uniform } from '../../src/model/part.js';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

test('weights begin with normal numbers of deviation .02, as BERT has them', () => {
  const values = normal(40_000, randomFrom(1));
  const deviation = 0.02;
  expect(Math.abs(mean(values))).toBeLessThan((4 * deviation) / 200); // four standard errors
  expect(mean(values.map((x) => x * x)) / deviation ** 2).toBeCloseTo(1, 1);
  const within = (times: number) => values.filter((x) => Math.abs(x) < times * deviation).length / 40_000;
  expect(within(1)).toBeCloseTo(0.6827, 1.5);
  expect(within(2)).toBeCloseTo(0.9545, 1.5);
  expect(values.every(Number.isFinite)).toBe(true);
  expect(normal(8, randomFrom(1))).toEqual(values.slice(0, 8));
});

test('uniform numbers lie evenly between a bound and its negative', () => {
  const values = uniform(0.5)(40_000, randomFrom(2));
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.5);
  for (const edge of [-0.25, 0, 0.25])
    expect(values.filter((x) => x < edge).length / 40_000).toBeCloseTo(edge + 0.5, 1.5);
});

test('a linear layer begins with small weights and its prior, a norm as the identity', () => {
  const begun = (specs: ReturnType<typeof linearSpecs>) =>
    specs.map(({ name, shape, initial }) => [name, shape, [...initial(2, randomFrom(1))]]);
  const [weight, bias] = begun(linearSpecs('x', [2, 3], 'new', { prior: -4 }));
  expect(weight!.slice(0, 2)).toEqual(['x.weight', [2, 3]]);
  expect(bias).toEqual(['x.bias', [2], [-4, -4]]);
  expect(linearSpecs('x', [2, 3], 'new', { bias: false }).map(({ name }) => name)).toEqual(['x.weight']);
  expect(begun(normSpecs('n', 2, 0))).toEqual([
    ['n.weight', [2], [1, 1]],
    ['n.bias', [2], [0, 0]],
  ]);
});
