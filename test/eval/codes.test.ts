import { describe, expect, test } from '@jest/globals';
import { evaluateCodes, type CodedCase } from '../../src/eval/codes.js';

const one = (gold: string, candidates: string[], seen = true, text = 'x'): CodedCase => ({
  text,
  gold,
  candidates,
  seen,
  predicted: candidates[0] ?? null,
});

describe('the evaluation of codes', () => {
  const cases = [
    one('2211', ['2211', '2212']),
    one('2212', ['2211', '2212'], true, 'facultativa'),
    one('2212', ['2211', '1', '2', '3', '4', '2212'], true, 'facultativo'), // right only in the sixth place
    one('SCTID: 1', ['SCTID: 1'], false),
    one('SCTID: 2', [], false, 'nada'),
  ];
  const result = evaluateCodes(cases);

  test('counts what is right, and what is among the first five', () => {
    expect(result).toMatchObject({ mentions: 5, correct: 2, accuracy: 0.4, top5: 0.6 });
  });

  test('tells codes that training has seen from others, and terminologies apart', () => {
    expect(result.seen).toEqual({ mentions: 3, correct: 1, accuracy: 1 / 3, top5: 2 / 3 });
    expect(result.unseen).toEqual({ mentions: 2, correct: 1, accuracy: 0.5, top5: 0.5 });
    expect(Object.keys(result.terminologies)).toEqual(['ESCO', 'SNOMED CT']);
    expect(result.terminologies.ESCO!.mentions).toBe(3);
  });

  test('lists the confusions, those that cost most first', () => {
    expect(result.confusions).toEqual([
      { gold: '2212', predicted: '2211', count: 2, texts: ['facultativa', 'facultativo'] },
      { gold: 'SCTID: 2', predicted: null, count: 1, texts: ['nada'] },
    ]);
  });

  test('is 0 of nothing', () => {
    expect(evaluateCodes([])).toMatchObject({ mentions: 0, accuracy: 0, top5: 0, confusions: [] });
  });
});
