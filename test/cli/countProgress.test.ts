import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { countProgress } from '../../src/cli/countProgress.js';
import { outputOf } from '../../src/cli/output.js';
import { captureOutput } from '../support/captureOutput.js';

const { isTTY } = process.stderr;
beforeAll(() => void (process.stderr.isTTY = false));
afterAll(() => void (process.stderr.isTTY = isTTY));
beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

/** The lines that are shown of 10,000 windows by updates at these seconds. */
async function lines(updates: Iterable<[second: number, done: number]>, quiet = false): Promise<string[]> {
  const { stdout, stderr } = await captureOutput(() => {
    const progress = countProgress(outputOf({ quiet }), 'windows', 'then training steps');
    for (const [second, done] of updates) {
      jest.setSystemTime(second * 1000);
      progress.update(done, 10_000);
    }
    progress.stop();
  });
  expect(stdout).toBe('');
  return stderr.split('\n').filter(Boolean);
}

/** A phase that takes so many seconds, with an update in each. */
function* evenly(seconds: number): Generator<[number, number]> {
  for (let second = 0; second <= seconds; second++) yield [second, Math.floor((10_000 * second) / seconds)];
}

describe('the progress of a phase, where stderr is no terminal,', () => {
  test('is nothing where it takes a few seconds', async () => {
    expect(await lines(evenly(9))).toEqual([]);
  });

  test('is a line every ten seconds, the first of which tells what follows', async () => {
    expect(await lines(evenly(40))).toEqual([
      '2500 of 10000 windows, 30 s left, then training steps',
      '5000 of 10000 windows, 20 s left',
      '7500 of 10000 windows, 10 s left',
    ]);
  });

  test('is no longer log for what takes all night', async () => {
    const all = await lines(evenly(10 * 3600));
    expect(all.length).toBeGreaterThan(50);
    expect(all.length).toBeLessThan(150);
    expect(all[0]).toMatch(/^2 of 10000 windows, 1\d h \d\d min left, then training steps$/);
    expect(all.at(-1)).toMatch(/^99\d\d of 10000 windows, \d+ s left$/);
  });

  test('counts the time from where an earlier process had stopped', async () => {
    // Half was done: it comes at once. Then 100 windows a second.
    const updates: [number, number][] = [[0, 0], [0.2, 5000]]; // prettier-ignore
    for (let second = 1; second <= 20; second++) updates.push([second + 0.2, 5000 + 100 * second]);
    expect((await lines(updates))[0]).toBe('6000 of 10000 windows, 40 s left, then training steps');
  });

  test('is nothing with --quiet', async () => {
    expect(await lines(evenly(40), true)).toEqual([]);
  });
});
