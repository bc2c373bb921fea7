import { describe, expect, test } from '@jest/globals';
import { sumDecisions, tokenScores } from '../../src/eval/tokens.js';

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

  test('add up over documents', () => {
    const one = { truePositives: [1, 0], falsePositives: [0, 1], falseNegatives: [1, 0] };
    const other = { truePositives: [1, 1], falsePositives: [0, 1], falseNegatives: [0, 0] };
    expect(sumDecisions([one, other])).toEqual({
      truePositives: [2, 1],
      falsePositives: [0, 2],
      falseNegatives: [1, 0],
    });
  });
});
