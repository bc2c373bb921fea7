import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { candidateSpans, decodeSpans } from '../../src/data/decode.js';
import { joint, oneTask, words } from '../support/words.js';

const options = { threshold: 0.5, thresholds: {}, overlap: 'allow' as const };

describe('the score of a span', () => {
  test('is the mean over its words of the probability of its label, whatever stands around it', () => {
    // channels: B-A, I-A, B-B, I-B
    const rows = [
      [0.25, 0.25, 0, 0],
      [0.125, 0.75, 0, 0.125],
      [0.5, 0.25, 0, 0.0625],
      [0.0, 0.125, 0.75, 0.5],
    ];
    const { ner } = decodeSpans([oneTask('BIO')], [rows.flat()], words(4), options);
    expect(ner).toEqual([
      { label: 'A', start: 0, end: 19, score: (0.5 + 0.875) / 2 },
      { label: 'A', start: 20, end: 29, score: 0.75 },
      { label: 'B', start: 30, end: 39, score: 1 },
    ]);
  });
});

describe('candidates', () => {
  const probability = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);
  test.each([
    ['IO', 4],
    ['BIO', 8],
    ['BIOU', 12],
  ] as const)('of %s are what each threshold finds, and say at which', (scheme, channels) =>
    fc.assert(
      fc.property(
        fc.array(fc.array(probability, { minLength: channels, maxLength: channels }), { maxLength: 9 }),
        fc.constantFrom(0, 0.125, 0.2, 0.5, 0.51, 0.875, 1),
        fc.constantFrom(0, 0.1, 0.5),
        (rows, threshold, least) => {
          if (threshold < least) return;
          const given = [[joint(scheme)], [rows.flat()], words(rows.length)] as const;
          const found = decodeSpans(...given, { ...options, threshold });
          const candidates = candidateSpans(...given, least);
          for (const [task, spans] of Object.entries(candidates))
            expect(
              spans
                .filter(({ above, upTo }) => above < threshold && threshold <= upTo)
                .map(({ label, start, end, score }) => ({ label, start, end, score })),
            ).toEqual(found[task]);
        },
      ),
    ),
  );

  test('are two for two words of which one is surer: it alone, and both', () => {
    const rows = [[0.25, 0], [0.75, 0], [0.125, 0]]; // prettier-ignore
    expect(candidateSpans([oneTask('IO')], [rows.flat()], words(3), 0.2)).toEqual({
      ner: [
        { label: 'A', start: 0, end: 19, score: 0.5, above: 0.125, upTo: 0.25 },
        { label: 'A', start: 10, end: 19, score: 0.75, above: 0.25, upTo: 0.75 },
      ],
    });
  });
});
