import { describe, expect, test } from '@jest/globals';
import { fitsOf, selectCandidates, type Scored, type SelectOptions } from '../../src/augment/select.js';
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
const candidates = rows.map(([of, substitute, score, originalScore], i) => ({
  original: of,
  substitute,
  score,
  originalScore,
  likeness: -i,
  sources: [] as string[],
  origins: [],
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

test('selectCandidates ranks by the sum of fit and likeness', () => {
  const ranked = selectCandidates(candidates, { ...all, rankBy: 'suit' });
  const fits = fitsOf(candidates);
  const expected = candidates.map((_, i) => fits[i]! - i).sort((a, b) => b - a);
  expect(ranked.map(({ suit }) => suit)).toEqual(expected);
  for (const { suit, fit, likeness } of ranked) expect(suit).toBe(fit + likeness);
});

describe('fitsOf', () => {
  const row = (of: Original, substitute: string, score: number) =>
    ({ ...candidates[0]!, original: of, substitute, score }) as Scored;
  const originals = [original('1'), original('2'), original('3')];
  const words = ['x', 'y', 'z', 'w'];

  test('is nothing where sentences and substitutes alone explain the scores', () => {
    const scores = originals.flatMap((of, i) => words.map((word, j) => row(of, word, -i * i - 3 * j)));
    for (const fit of fitsOf(scores)) expect(fit).toBeCloseTo(0, 9);
  });

  test('is highest where an original and a substitute suit each other beyond that', () => {
    const scores = originals.flatMap((of, i) =>
      words.map((word, j) => row(of, word, -i * i - 3 * j + (i === 2 && j === 3 ? 2 : 0))),
    );
    const fits = fitsOf(scores.slice(1)); // not every substitute was tried in every sentence
    expect(fits.indexOf(Math.max(...fits))).toBe(10);
    expect(fits[10]).toBeGreaterThan(0.5);
  });

  test('sums to nothing over an original, and over a substitute whatever its case', () => {
    const scores = [row(run, 'x', 1), row(run, 'y', 5), row(swim, 'X', -2), row(swim, 'y', -9)];
    const [a, b, c, d] = fitsOf(scores) as [number, number, number, number];
    for (const sum of [a + b, c + d, a + c, b + d]) expect(sum).toBeCloseTo(0, 9);
    expect(a).not.toBeCloseTo(0, 1);
  });
});
