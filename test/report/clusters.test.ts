import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutText, marksOf, type Mark } from '../../src/report/page/documents/clusters.js';
import { fold, hits } from '../../src/report/page/documents/search.js';

const text = 'Es un médico de guardia, jubilado.';
const mark = (words: string, side: Mark['side'], pair = 0): Mark => {
  const start = text.indexOf(words);
  return { start, end: start + words.length, label: 'A', side, outcome: 'boundary', pair };
};

describe('a text under its spans', () => {
  test('is cut where spans begin and end, in stretches of whole words', () => {
    const stretches = cutText(text, [mark('médico', 'gold'), mark('médico de guardia', 'predicted')]);
    expect(stretches.map(({ start, end }) => text.slice(start, end))).toEqual([
      'Es un ',
      'médico de guardia,',
      ' jubilado.',
    ]);
    const { cuts, marks } = stretches[1]!;
    expect(cuts.slice(1).map((end, i) => text.slice(cuts[i], end))).toEqual(['médico', ' de guardia', ',']);
    expect(marks.map(({ side, row, columns }) => [side, row, columns])).toEqual([
      ['predicted', 0, [0, 2]],
      ['gold', 1, [0, 1]],
    ]);
  });

  test('is all there in order, every mark over its own words and none over another of its row', () => {
    const spans = fc.array(fc.tuple(fc.nat(text.length - 1), fc.integer({ min: 1, max: 9 }), fc.boolean()));
    fc.assert(
      fc.property(spans, (drawn) => {
        const marks = drawn.map(([start, length, isGold], pair): Mark => {
          const end = Math.min(text.length, start + length);
          return { start, end, label: 'A', side: isGold ? 'gold' : 'predicted', outcome: 'missed', pair };
        });
        const stretches = cutText(text, marks);
        expect(stretches.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        const placed = stretches.flatMap(({ cuts, marks: own }) =>
          own.map((one) => ({ ...one, from: cuts[one.columns[0]], to: cuts[one.columns[1]] })),
        );
        expect(placed).toHaveLength(marks.length);
        for (const one of placed) {
          expect([one.from, one.to]).toEqual([one.start, one.end]);
          for (const other of placed)
            if (other !== one && other.row === one.row)
              expect(other.end <= one.start || one.end <= other.start).toBe(true);
        }
      }),
    );
  });

  test('has marks in UTF-16 units, those of a right pair once', () => {
    const span = { start: 2, end: 4, label: 'A' };
    const marks = marksOf([{ outcome: 'correct', gold: span, predicted: span }], (point) => point + 1);
    expect(marks).toEqual([{ start: 3, end: 5, label: 'A', side: 'both', outcome: 'correct', pair: 0 }]);
  });
});

test('words are found whatever their case and accents, where they stand', () => {
  const found = (query: string) => hits(fold('MÉDICO, me\u0301dico (a+b)'), query);
  expect(found('medico')).toEqual([
    [0, 6],
    [8, 15],
  ]);
  expect(found('(a+b)')).toEqual([[16, 21]]);
  expect(found('  ')).toEqual([]);
});
