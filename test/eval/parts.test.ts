import { expect, test } from '@jest/globals';
import { randomFrom } from '../../src/data/random.js';
import { dealt } from '../../src/eval/parts.js';

const other = (i: number) => ({ text: `texto ${i} que no es de otro ${i}` });
const letters = 'a b c d e f g h i j k l';

test('parts are of like size', () => {
  const sizes = [
    ...dealt(
      Array.from({ length: 23 }, (_, i) => other(i)),
      5,
      1,
    ),
  ].reduce((all, part) => all.with(part, all[part]! + 1), [0, 0, 0, 0, 0]);
  expect(sizes.sort()).toEqual([4, 4, 5, 5, 5]);
});

test('documents without a twin are dealt out one by one in the order that is drawn', () => {
  const drawn = randomFrom(3).shuffle([0, 1, 2, 3, 4, 5, 6]);
  const parts = dealt(
    Array.from({ length: 7 }, (_, i) => other(i)),
    3,
    3,
  );
  expect(drawn.map((document) => parts[document])).toEqual([0, 1, 2, 0, 1, 2, 0]);
});

test('twins are in one part', () => {
  const twins = [letters, letters.replace('k l', 'x y'), letters].map((text) => ({ text }));
  for (const seed of [1, 2, 3, 4, 5]) {
    const parts = dealt([...twins, ...Array.from({ length: 9 }, (_, i) => other(i))], 4, seed);
    expect(new Set(parts.slice(0, 3)).size).toBe(1);
    expect(new Set(parts).size).toBe(4);
  }
});
