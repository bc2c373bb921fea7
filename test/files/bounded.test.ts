import { expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { mapBounded } from '../../src/files/bounded.js';

/** Works on so many items, the later ones the faster; the most at a time, and the results. */
async function work(count: number, limit: number) {
  let [running, most] = [0, 0];
  const items = Array.from({ length: count }, (_, i) => `item ${i}`);
  const results = await mapBounded(items, limit, async (item, index) => {
    running++;
    most = Math.max(most, running);
    await setTimeout(count - index);
    running--;
    return `${item} at ${index}`;
  });
  return { most, results };
}

test.each([
  [9, 3, 3],
  [9, 1, 1],
  [2, 5, 2],
  [0, 5, 0],
])(
  'of %i items at most %i are worked on at a time, and the results are in their order',
  async (count, limit, most) => {
    const expected = Array.from({ length: count }, (_, i) => `item ${i} at ${i}`);
    expect(await work(count, limit)).toEqual({ most, results: expected });
  },
);

test('an error of one is thrown', async () => {
  const failing = mapBounded([1, 2, 3], 2, (item) => (item === 2 ? Promise.reject(new Error('no')) : Promise.resolve(item))); // prettier-ignore
  await expect(failing).rejects.toThrow('no');
});
