import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countsAt, joinCounts, normCounts, spanCounts, sumDocuments } from '../../src/eval/documentCounts.js';
import { scoreNorm } from '../../src/eval/norm.js';
import { ratiosOf } from '../../src/eval/scores.js';
import { scoreSpans } from '../../src/eval/spans.js';
import { anySpans, scoredLabels } from '../support/spans.js';

describe('counts by document', () => {
  test('add up to the official scores', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (gold, predicted) => {
        fc.pre(gold.size > 0);
        const scores = scoreSpans(gold, predicted, scoredLabels);
        const sums = sumDocuments(spanCounts(gold, predicted, scoredLabels));
        const expected = [scores, ...scoredLabels.map((label) => scores.perLabel[label]!)];
        for (const [row, ratios] of expected.entries())
          expect(ratios).toMatchObject(ratiosOf(countsAt(sums, row)));
      }),
    );
  });

  test('of codes add up to the official scores, in documents without gold, too', () => {
    const row = (filename: string, start: number, code: string) => ({
      filename,
      text: 'x',
      code,
      span: { start, end: start + 2 },
    });
    const gold = [row('a', 0, '1'), row('a', 5, '2'), row('b', 0, '1')];
    const predicted = [row('a', 0, '1'), row('a', 5, '1'), row('c', 0, '1'), row('b', 3, '9')];
    for (const valid of [undefined, new Set(['1', '2'])]) {
      const counts = normCounts(['a', 'b', 'c'], gold, predicted, valid);
      const { perLabel: _, semantics: __, ...scores } = scoreNorm(gold, predicted, valid);
      expect(ratiosOf(countsAt(sumDocuments(counts), 0))).toEqual(scores);
      expect([...counts.counts]).toEqual([1, 1, 1, 0, valid ? 0 : 1, 1, 0, 0, 0]);
    }
  });

  test('stand side by side, and are taken as often as is asked', () => {
    const part = (...counts: number[]) => ({
      documents: 2,
      rows: counts.length / 6,
      counts: Int32Array.from(counts),
    });
    const joined = joinCounts([part(1, 2, 3, 4, 5, 6), part(10, 20, 30, 11, 21, 31, 40, 50, 60, 41, 51, 61)]);
    expect([...joined.counts.slice(0, 9)]).toEqual([1, 2, 3, 10, 20, 30, 11, 21, 31]);
    expect([...sumDocuments(joined, Uint16Array.of(0, 2))].slice(0, 6)).toEqual([8, 10, 12, 80, 100, 120]);
  });
});
