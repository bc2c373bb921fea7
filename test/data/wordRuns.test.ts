import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeSpans } from '../../src/data/decode.js';
import { oneTask, words } from '../support/words.js';

const eighth = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);

/** What the rules say of label A, word by word: the words of its spans, first and last. */
function slowly(rows: readonly number[][], tags: readonly string[], threshold: number): [number, number][] {
  const of = (word: number, tag: string) => (tags.includes(tag) ? rows[word]![tags.indexOf(tag)]! : 0);
  const isInside = (word: number) => of(word, 'B') + of(word, 'I') + of(word, 'U') >= threshold;
  const isMostly = (word: number, tag: string) =>
    ['B', 'I', 'U'].every((other) => other === tag || of(word, tag) > of(word, other));
  const begins = (word: number) =>
    word === 0 ||
    !isInside(word - 1) ||
    isMostly(word - 1, 'U') ||
    of(word, 'B') > of(word, 'I') ||
    of(word, 'U') > of(word, 'I');
  const spans: [number, number][] = [];
  for (let word = 0; word < rows.length; word++) {
    if (!isInside(word)) continue;
    if (begins(word)) spans.push([word, word]);
    else spans.at(-1)![1] = word;
  }
  return spans;
}

test.each([
  ['IO', ['I']],
  ['BIO', ['B', 'I']],
  ['BIOU', ['B', 'I', 'U']],
] as const)('the spans of a label with %s are those of its rules, word by word', (scheme, tags) => {
  const row = fc.array(eighth, { minLength: tags.length, maxLength: tags.length });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.constantFrom(0.25, 0.5, 1), (rows, threshold) => {
      const both = rows.flatMap((own) => [...own, ...tags.map(() => 0)]); // label B is nowhere
      const options = { threshold, thresholds: {}, overlap: 'allow' as const };
      const { ner } = decodeSpans([oneTask(scheme)], [both], words(rows.length), options);
      const found = ner!.map(({ start, end }) => [start / 10, (end - 9) / 10]);
      expect(found).toEqual(slowly(rows, tags, threshold));
    }),
    { numRuns: 300 },
  );
});

test('the score of a span is at most 1, though its tags add up to more', () => {
  const options = { threshold: 0.5, thresholds: {}, overlap: 'allow' as const };
  const { ner } = decodeSpans([oneTask('BIO')], [[0.9, 0.8, 0, 0, 0.4, 0.6, 0, 0]], words(2), options);
  expect(ner!.map(({ score }) => score)).toEqual([1]);
});
