import { describe, expect, test } from '@jest/globals';
import { drawExchanges, randomisationTest } from '../../src/eval/randomisation.js';
import { countsFrom, drawnCounts } from '../support/counts.js';
import { fixtureJson } from '../support/fixtures.js';

const { systems, pValues } = fixtureJson('statistics.json') as {
  systems: Record<'a' | 'b', number[][][][]>;
  pValues: number[];
};

describe('the randomisation test', () => {
  test("comes to SciPy's p-values of all exchanges, with unequal numbers of runs", async () => {
    const [a, b] = [systems.a.map(countsFrom), systems.b.map(countsFrom)];
    const found = await randomisationTest(a, b, drawExchanges(12, 100_000, 1));
    for (const [row, p] of pValues.entries()) expect(Math.abs(found[row]! - p)).toBeLessThan(0.005);
  });

  test('finds no difference between what is the same', async () => {
    const run = drawnCounts(1);
    const found = await randomisationTest([run], [run], drawExchanges(20, 200, 1));
    expect([...found]).toEqual([1, 1, 1]);
    const twice = await randomisationTest([run, run], [run], drawExchanges(20, 200, 1));
    expect([...twice]).toEqual([1, 1, 1]);
  });

  test('says the same with the systems exchanged', async () => {
    const [a, b] = [[drawnCounts(1), drawnCounts(2)], [drawnCounts(3, { skill: 50 })]];
    const drawn = drawExchanges(20, 500, 4);
    expect(await randomisationTest(a, b, drawn)).toEqual(await randomisationTest(b, a, drawn));
  });

  test('never says that chance is impossible: the least p is one of all exchanges', async () => {
    const all = countsFrom(Array.from({ length: 40 }, () => [[3, 0, 0]]));
    const none = countsFrom(Array.from({ length: 40 }, () => [[0, 3, 3]]));
    const [p] = await randomisationTest([all], [none], drawExchanges(40, 999, 1));
    expect(p).toBe(1 / 1000);
  });

  test('is right as often as it says: a p below .1 comes in a tenth of the pairs that are alike', async () => {
    const pairs = 300;
    const drawn = drawExchanges(20, 199, 9);
    const found: number[] = [];
    for (let i = 0; i < pairs; i++) {
      const [a, b] = [drawnCounts(1000 + i, { rows: 1 }), drawnCounts(5000 + i, { rows: 1 })];
      found.push(...(await randomisationTest([a], [b], drawn)));
    }
    const share = found.filter((p) => p <= 0.1).length / pairs;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.15);
  });
});
