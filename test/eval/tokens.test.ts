import { describe, expect, test } from '@jest/globals';
import { addTokens, noTokenCounts, tokenScores } from '../../src/eval/tokens.js';

describe('token-wise scores', () => {
  test('are precision, recall and F1 of each channel and over all', () => {
    const { channels, micro } = tokenScores({
      truePositives: Float32Array.of(3, 0),
      falsePositives: Float32Array.of(1, 2),
      falseNegatives: Float32Array.of(0, 1),
    });
    expect(channels[0]).toMatchObject({ precision: 0.75, recall: 1, f1: 6 / 7 });
    expect(channels[1]).toMatchObject({ precision: 0, recall: 0, f1: 0 });
    expect(micro).toMatchObject({ precision: 0.5, recall: 0.75, truePositives: 3, falseNegatives: 1 });
  });

  test('add up over batches, pieces that are not real left out', () => {
    const counts = noTokenCounts(2);
    const targets = Uint8Array.of(1, 0, 1, 1);
    const probabilities = Float32Array.of(0.9, 0.5, 0.1, 0.9); // [pieces * channels]
    addTokens(counts, { probabilities, targets });
    addTokens(counts, { probabilities, targets, real: Uint8Array.of(1, 0) });
    expect(counts).toEqual({
      truePositives: Float64Array.of(2, 1),
      falsePositives: Float64Array.of(0, 2),
      falseNegatives: Float64Array.of(1, 0),
    });
  });

  test('take the threshold for positive', () => {
    const counts = noTokenCounts(1);
    addTokens(counts, { probabilities: [0.3, 0.2], targets: [1, 1] }, 0.3);
    expect(tokenScores(counts).micro.recall).toBe(0.5);
  });
});
