import { describe, expect, test } from '@jest/globals';
import { computeBatch, DeviceLost, deviceError, OutOfMemory } from '../../src/backend/failure.js';
import { startEngine } from '../../src/backend/engine.js';

describe('computing a batch', () => {
  const outOfMemory = () => Promise.reject(new OutOfMemory('Full'));

  test('says so where not even one window fits', async () => {
    await startEngine({ engine: 'cpu', device: 'auto' });
    await expect(computeBatch(8, outOfMemory, outOfMemory)).rejects.toThrow(
      /^Full; not even one window fits: take shorter ones \(data\.windowPieces\)/,
    );
  });

  test('returns what is computed, and tries nothing', async () => {
    const attempt = () => Promise.reject(new Error('tried'));
    expect(await computeBatch(8, () => 5, attempt)).toBe(5);
  });

  test('leaves errors of other kinds as they are', async () => {
    const mistake = new TypeError('x is undefined');
    const failed = computeBatch(8, () => Promise.reject(mistake), outOfMemory);
    await expect(failed).rejects.toBe(mistake);
  });

  test("knows a CUDA driver's end", () => {
    const error = new Error('Invalid TF_Status: 13\nMessage: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal access');
    expect(deviceError(error)).toBeInstanceOf(DeviceLost);
    expect((deviceError(error) as Error).message).toMatch(/^The GPU failed .*CUDA_ERROR_ILLEGAL_ADDRESS/);
  });
});
