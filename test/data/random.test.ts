import { expect, test } from '@jest/globals';
import { randomFrom } from '../../src/data/random.js';

const take = (n: number, draw: () => number) => Array.from({ length: n }, draw);

test('the same seed gives the same numbers, another seed others', () => {
  const numbers = (seed: number) => take(5, randomFrom(seed).next);
  expect(numbers(1)).toEqual(numbers(1));
  expect(numbers(1)).not.toEqual(numbers(2));
});

test('the first numbers of seeds that follow each other are spread over [0, 1)', () => {
  const firsts = take(
    1000,
    (
      (seed) => () =>
        randomFrom(seed++).next()
    )(0),
  );
  expect(Math.min(...firsts)).toBeLessThan(0.01);
  expect(Math.max(...firsts)).toBeGreaterThan(0.99);
  expect(firsts.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
});

test('int covers its range evenly and refuses an empty one', () => {
  const random = randomFrom(3);
  const counts = [0, 0, 0];
  for (let i = 0; i < 3000; i++) counts[random.int(3)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  expect(() => random.int(0)).toThrow(RangeError);
});

test('shuffle returns the same items and leaves its argument alone', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const shuffled = randomFrom(1).shuffle(items);
  expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort()).toEqual(items);
});
