import { describe, expect, test } from '@jest/globals';
import { selectCandidates, type SelectOptions } from '../../src/augment/select.js';
import type { Original } from '../../src/augment/candidates.js';

const original = (text: string) => ({ text }) as Original;
const [run, swim] = [original('run'), original('swim')];
/** original, substitute, score, score of the original */
const rows: [Original, string, number, number][] = [
  [run, 'a', -3, -1],
  [run, 'b', -1, -1],
  [swim, 'b', -2, -4],
  [swim, 'c', -4, -4],
  [run, 'B', -1.5, -1],
];
const candidates = rows.map(([of, substitute, score, originalScore]) => ({
  ...{ original: of, substitute, score, originalScore, sources: [] },
  sentence: { document: { text: '', spans: {}, codes: [] }, span: { start: 0, end: 1 } },
}));
const all = { count: 9, maximumPerOriginal: 9, maximumPerSubstitute: 9, minimumScore: null, rankBy: 'score' };
/** Substitute and score of each, in order of rank, a * where it was kept. */
const select = (options: Partial<SelectOptions>) =>
  selectCandidates(candidates, { ...all, ...options } as SelectOptions).map(
    ({ substitute, score, kept }) => `${substitute} ${score}${kept ? ' *' : ''}`,
  );

describe('selectCandidates', () => {
  test('ranks by score, the best first, and keeps as many as it should', () => {
    expect(select({ count: 2 })).toEqual(['b -1 *', 'B -1.5 *', 'b -2', 'a -3', 'c -4']);
  });

  test('ranks by the change against the original', () => {
    expect(select({ rankBy: 'change', count: 1 })).toEqual(['b -2 *', 'b -1', 'c -4', 'B -1.5', 'a -3']);
  });

  test('keeps no more of an original than it may', () => {
    expect(select({ maximumPerOriginal: 1 })).toEqual(['b -1 *', 'B -1.5', 'b -2 *', 'a -3', 'c -4']);
  });

  test('keeps no more with a substitute than it may, whatever its case', () => {
    expect(select({ maximumPerSubstitute: 1 })).toEqual(['b -1 *', 'B -1.5', 'b -2', 'a -3 *', 'c -4 *']);
  });

  test('keeps nothing below the least score', () => {
    expect(select({ minimumScore: -2 })).toEqual(['b -1 *', 'B -1.5 *', 'b -2 *', 'a -3', 'c -4']);
  });

  test('holds the least score against the change where it ranks by it', () => {
    expect(select({ rankBy: 'change', minimumScore: 0 }).filter((row) => row.endsWith('*'))).toHaveLength(3);
  });
});
