import { describe, expect, test } from '@jest/globals';
import { chainHead } from '../../support/chains.js';
import { decoding } from '../../support/decoding.js';
import { encodedWords, inWords } from '../../support/words.js';

/**
 * Three words without moves. The first is O, or begins an A (.4) or a B (.2); the third begins an A (.6), and the second goes
 * on with what the first began, or is O, by one half each.
 */
const head = chainHead({ ner: ['A', 'B'] });
const text = encodedWords([0, 1, 2]);
const log = Math.log;
const never = -1000;
const scores = [
  Float32Array.from([
    ...[log(0.2), log(0.4), never, log(0.2), never], // O, B-A, I-A, B-B, I-B
    ...[0, never, 0, never, 0],
    ...[log(0.4), log(0.6), never, never, never],
    ...new Float32Array(7 * 5),
  ]),
];
const all = { ...decoding, paths: 'all' as const };
const found = (options: object) => inWords(head.decode(scores, text, { ...all, ...options })).ner;

describe('a chain of tags, decoded by all paths', () => {
  // Paths through the first two words: O O .2, A O .4, A A .4, B O .2, B B .2; in all 1.4.
  test('finds the spans whose probability reaches the threshold, where the best path has others', () => {
    expect(found({})).toEqual(['A 2-2']);
    expect(inWords(head.decode(scores, text, decoding)).ner).toEqual(['A 0-0', 'A 2-2']);
  });

  test('gives each its share of the paths for a score', () => {
    const { ner } = head.decode(scores, text, { ...all, threshold: 0.2 });
    const shares = ner!.map(({ score }) => score);
    [0.4 / 1.4, 0.4 / 1.4, 0.6].forEach((share, i) => expect(shares[i]).toBeCloseTo(share, 6));
    expect(shares).toHaveLength(3);
  });

  test('lets overlapping ones stand, or keeps the most probable, then the longer', () => {
    expect(found({ threshold: 0.2 })).toEqual(['A 0-0', 'A 0-1', 'A 2-2']);
    expect(found({ threshold: 0.2, overlap: 'best' })).toEqual(['A 0-1', 'A 2-2']);
  });

  test('takes the threshold of each label', () => {
    expect(found({ thresholds: { B: 0.1 } })).toEqual(['B 0-0', 'B 0-1', 'A 2-2']);
    expect(found({ thresholds: { A: 0.7, B: 0.1 } })).toEqual(['B 0-0', 'B 0-1']);
  });

  test('looks at no span of less than a thousandth, with a threshold of nothing', () => {
    expect(found({ threshold: 0 })).toEqual(['A 0-0', 'B 0-0', 'A 0-1', 'B 0-1', 'A 2-2']);
  });

  test('has the spans of every threshold for candidates; by the best path its own alone', () => {
    const candidates = head.candidates(scores, text, 0.1, all).ner!;
    expect(inWords({ ner: candidates }).ner).toEqual(['A 0-0', 'B 0-0', 'A 0-1', 'B 0-1', 'A 2-2']);
    for (const { score, above, upTo } of candidates) expect([above, upTo]).toEqual([-1, score]);
    expect(inWords(head.candidates(scores, text, 0.1, decoding)).ner).toEqual(['A 0-0', 'A 2-2']);
  });
});
