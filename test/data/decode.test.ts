import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeSpans, poolWords } from '../../src/data/decode.js';
import type { Span } from '../../src/data/document.js';
import { encodeLabels, outputsOf, type Output, type Scheme } from '../../src/data/labels.js';
import { joint, oneTask, withoutScores, words } from '../support/words.js';

const options = { threshold: 0.5, thresholds: {}, overlap: 'allow' as const };

/** Decodes rows of probabilities, one per word; spans as "LABEL first-last" in words. */
const decode = (head: Output, rows: number[][], changed: object = {}): Record<string, string[]> => {
  const spans = decodeSpans([head], [Float32Array.from(rows.flat())], words(rows.length), {
    ...options,
    ...changed,
  });
  const show = ({ label, start, end }: Span) => `${label} ${start / 10}-${(end - 9) / 10}`;
  return Object.fromEntries(Object.entries(spans).map(([task, found]) => [task, found.map(show)]));
};

describe('decodeSpans', () => {
  test('merges neighbouring words of one label with IO', () => {
    // channels: I-A, I-B
    const rows = [
      [0.9, 0.1],
      [0.6, 0.2],
      [0.1, 0.7],
      [0.2, 0.4],
      [0.8, 0.3],
    ];
    expect(decode(oneTask('IO'), rows)).toEqual({ ner: ['A 0-1', 'B 2-2', 'A 4-4'] });
  });

  test('takes a probability that equals the threshold', () => {
    expect(decode(oneTask('IO'), [[0.5, 0.49]])).toEqual({ ner: ['A 0-0'] });
  });

  test('prefers the threshold of a label to the general one', () => {
    const rows = [[0.4, 0.4]];
    expect(decode(oneTask('IO'), rows, { thresholds: { B: 0.3 } })).toEqual({ ner: ['B 0-0'] });
  });

  test('finds nothing where a probability is not a number', () => {
    expect(decode(oneTask('IO'), [[NaN, 0]])).toEqual({ ner: [] });
  });

  test('gives every task of the heads, if only an empty list', () => {
    expect(decode(joint('IO'), [])).toEqual({ ner: [], class: [] });
  });

  test('begins a span with BIO where B is more probable than I, and after a word outside', () => {
    // channels: B-A, I-A, B-B, I-B
    const rows = [
      [0.1, 0.8, 0, 0],
      [0.3, 0.6, 0, 0],
      [0.6, 0.3, 0, 0],
      [0.0, 0.1, 0, 0],
      [0.2, 0.7, 0, 0],
    ];
    expect(decode(oneTask('BIO'), rows)).toEqual({ ner: ['A 0-1', 'A 2-2', 'A 4-4'] });
  });

  test('adds up the tags of a label', () => {
    expect(decode(oneTask('BIO'), [[0.3, 0.3, 0.2, 0.2]])).toEqual({ ner: ['A 0-0'] });
  });

  test('ends a span after U', () => {
    // channels: B, I, U of A; B, I, U of B
    const rows = [
      [0.1, 0.1, 0.8, 0, 0, 0],
      [0.1, 0.8, 0.1, 0, 0, 0],
      [0.1, 0.8, 0.1, 0, 0, 0],
      [0.1, 0.1, 0.8, 0, 0, 0],
    ];
    expect(decode(oneTask('BIOU'), rows)).toEqual({ ner: ['A 0-0', 'A 1-2', 'A 3-3'] });
  });

  test('adds up the pairs that hold a label with joint outputs', () => {
    // channels: A.X, A.Y, B.X, B.Y
    const rows = [
      [0.3, 0.4, 0.0, 0.1],
      [0.4, 0.0, 0.2, 0.0],
    ];
    expect(decode(joint('IO'), rows)).toEqual({ ner: ['A 0-0'], class: ['Y 0-0', 'X 1-1'] });
  });

  test('lets spans of different labels overlap', () => {
    const rows = [
      [0.9, 0.6],
      [0.9, 0.6],
    ];
    expect(decode(oneTask('IO'), rows)).toEqual({ ner: ['A 0-1', 'B 0-1'] });
  });

  test('keeps the span with the highest mean probability with overlap best', () => {
    const rows = [
      [0.9, 0.0],
      [0.5, 0.8],
      [0.0, 0.9],
      [0.6, 0.0],
    ];
    expect(decode(oneTask('IO'), rows, { overlap: 'best' })).toEqual({
      ner: ['B 1-2', 'A 3-3'],
    });
  });

  test('resolves overlaps within a task only', () => {
    const rows = [[1, 0, 0, 0]];
    expect(decode(joint('IO'), rows, { overlap: 'best' })).toEqual({ ner: ['A 0-0'], class: ['X 0-0'] });
  });

  test('gives spans the offsets of their words', () => {
    const offsets = { wordStarts: [0, 5, 6], wordEnds: [4, 6, 12] };
    expect(decodeSpans([oneTask('IO')], [[0, 0, 1, 0, 1, 0]], offsets, options)).toEqual({
      ner: [{ label: 'A', start: 5, end: 12, score: 1 }],
    });
  });
});

/** Spans on word boundaries that do not overlap, of two tasks with the same offsets. */
const separateSpans = fc
  .array(
    fc.record({
      gap: fc.nat(2),
      length: fc.integer({ min: 1, max: 4 }),
      ner: fc.constantFrom('A', 'B'),
      class: fc.constantFrom('X', 'Y'),
    }),
    { maxLength: 12 },
  )
  .map((parts) => {
    const spans: { ner: Span[]; class: Span[] } = { ner: [], class: [] };
    let word = 0;
    for (const part of parts) {
      const offsets = { start: (word + part.gap) * 10, end: (word + part.gap + part.length - 1) * 10 + 9 };
      spans.ner.push({ label: part.ner, ...offsets });
      spans.class.push({ label: part.class, ...offsets });
      word += part.gap + part.length;
    }
    return { spans, wordCount: word + 1 };
  });

describe('spans on word boundaries', () => {
  const tasks = { ner: { labels: ['A', 'B'] }, class: { labels: ['X', 'Y'] } };

  test.each([
    ['BIO', 'perTask'],
    ['BIO', 'joint'],
    ['BIOU', 'perTask'],
    ['BIOU', 'joint'],
  ] as const)('come back from their labels with %s and outputs %s', (scheme: Scheme, outputs) => {
    const channels = outputsOf(tasks, scheme, outputs);
    fc.assert(
      fc.property(separateSpans, ({ spans, wordCount }) => {
        const targets = channels.map((head) => encodeLabels(head, spans, words(wordCount)));
        expect(withoutScores(decodeSpans(channels, targets, words(wordCount), options))).toEqual(spans);
      }),
    );
  });

  test.each(['perTask', 'joint'] as const)(
    'come back with IO and outputs %s where words lie between',
    (outputs) => {
      const channels = outputsOf(tasks, 'IO', outputs);
      fc.assert(
        fc.property(separateSpans, ({ spans, wordCount }) => {
          const apart = {
            ner: spans.ner.filter((_, i) => spans.ner[i - 1]?.end !== spans.ner[i]!.start - 1),
            class: spans.class.filter((_, i) => spans.class[i - 1]?.end !== spans.class[i]!.start - 1),
          };
          const targets = channels.map((head) => encodeLabels(head, apart, words(wordCount)));
          expect(withoutScores(decodeSpans(channels, targets, words(wordCount), options))).toEqual(apart);
        }),
      );
    },
  );
});

describe('poolWords', () => {
  const probabilities = Float32Array.from([0.25, 0, 0.75, 1, 0.5, 0.5]); // three pieces, two channels
  const words = Int32Array.from([0, 0, 1]);
  const pieces = { words, lastWords: words, firstPieces: Int32Array.of(0, 2) };

  test.each([
    ['mean', [0.5, 0.5, 0.5, 0.5]],
    ['max', [0.75, 1, 0.5, 0.5]],
    ['first', [0.25, 0, 0.5, 0.5]],
  ] as const)('makes the %s of the pieces the probability of the word', (pooling, expected) => {
    expect([...poolWords(probabilities, pieces, 2, pooling)]).toEqual(expected);
  });

  test.each([
    ['mean', [0.5, 0.5, 0.375, 0.25]],
    ['max', [0.75, 1, 0.5, 0.5]],
    ['first', [0.25, 0, 0.25, 0]],
  ] as const)(
    'takes a piece over two words for both and leaves one without a word out (%s)',
    (pooling, all) => {
      const across = {
        words: Int32Array.of(0, 0, 1),
        lastWords: Int32Array.of(1, 0, 1),
        firstPieces: Int32Array.of(0, 0),
      };
      expect([...poolWords(probabilities, across, 2, pooling)]).toEqual(all);
      const behindOneWithout = {
        words: Int32Array.of(-1, ...across.words),
        lastWords: Int32Array.of(-1, ...across.lastWords),
        firstPieces: Int32Array.of(1, 1),
      };
      const more = Float32Array.of(1, 1, ...probabilities);
      expect([...poolWords(more, behindOneWithout, 2, pooling)]).toEqual(all);
    },
  );

  test('gives nothing for a document without pieces', () => {
    const none = { words: new Int32Array(0), lastWords: new Int32Array(0), firstPieces: new Int32Array(0) };
    expect(poolWords(new Float32Array(0), none, 2, 'mean')).toHaveLength(0);
  });
});
