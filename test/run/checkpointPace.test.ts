import { describe, expect, test } from '@jest/globals';
import { checkpointPace } from '../../src/run/checkpointPace.js';

/** Steps of so many milliseconds, a checkpoint of `took` milliseconds wherever one is allowed: what share of the time these take. */
async function shareOfCheckpoints(step: number, took: number, steps: number) {
  let time = 0;
  let written = 0;
  const pace = checkpointPace(() => time);
  for (let i = 0; i < steps; i++) {
    time += step;
    if (!pace.allows()) continue;
    written += 1;
    await pace.write(async () => void (time += took));
  }
  return { written, share: (written * took) / time };
}

describe('checkpoints between epochs', () => {
  test('are all written where one takes no time to speak of', async () =>
    expect((await shareOfCheckpoints(10, 900, 50)).written).toBe(50));

  test('are all written where the steps between them take nine times as long', async () =>
    expect((await shareOfCheckpoints(18_000, 2_000, 50)).written).toBe(50));

  test('take a tenth of the time where the steps are faster', async () => {
    const cases = [[7_000, 2_000], [100, 4_000], [1_000, 1_001]] as const; // prettier-ignore
    for (const [step, took] of cases) {
      const { share } = await shareOfCheckpoints(step, took, 50_000);
      expect(share).toBeLessThan(0.101);
      expect(share).toBeGreaterThan(0.08);
    }
  });
});
