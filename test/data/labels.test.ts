import { describe, expect, test } from '@jest/globals';
import type { Span } from '../../src/data/document.js';
import { encodeLabels, outputsOf, type Output } from '../../src/data/labels.js';
import { joint, oneTask, words } from '../support/words.js';

/** The tags of the words, '-' outside, channels of a word joined by '+'. */
const tags = (head: Output, spans: Record<string, Span[]>, wordCount: number): string[] => {
  const targets = encodeLabels(head, spans, words(wordCount));
  return Array.from({ length: wordCount }, (_, word) => {
    const names = head.channels
      .filter((_, channel) => targets[word * head.channels.length + channel])
      .map(({ tag, labels }) => `${tag}-${Object.values(labels).join('.')}`);
    return names.join('+') || '-';
  });
};
const span = (label: string, first: number, last: number): Span => ({
  label,
  start: first * 10,
  end: last * 10 + 9,
});

describe('heads', () => {
  test('has one output per task where they are apart', () => {
    expect(outputsOf({ ner: { labels: ['A', 'B'] }, class: { labels: ['X'] } }, 'BIO', 'perTask')).toEqual([
      {
        name: 'ner',
        channels: [
          { tag: 'B', labels: { ner: 'A' } },
          { tag: 'I', labels: { ner: 'A' } },
          { tag: 'B', labels: { ner: 'B' } },
          { tag: 'I', labels: { ner: 'B' } },
        ],
      },
      {
        name: 'class',
        channels: [
          { tag: 'B', labels: { class: 'X' } },
          { tag: 'I', labels: { class: 'X' } },
        ],
      },
    ]);
  });

  test('has one output over the cross product of the labels where they are joint', () => {
    const [head, ...others] = outputsOf(
      { ner: { labels: ['A', 'B'] }, class: { labels: ['X', 'Y'] } },
      'IO',
      'joint',
    );
    expect(others).toEqual([]);
    expect(head).toEqual({
      name: 'joint',
      channels: [
        { tag: 'I', labels: { ner: 'A', class: 'X' } },
        { tag: 'I', labels: { ner: 'A', class: 'Y' } },
        { tag: 'I', labels: { ner: 'B', class: 'X' } },
        { tag: 'I', labels: { ner: 'B', class: 'Y' } },
      ],
    });
  });

  test.each([
    ['IO', 12],
    ['BIO', 24],
    ['BIOU', 36],
  ] as const)('has with scheme %s and joint outputs %d channels for 3 by 4 labels', (scheme, channels) => {
    const tasks = { ner: { labels: ['A', 'B', 'C'] }, class: { labels: ['W', 'X', 'Y', 'Z'] } };
    expect(outputsOf(tasks, scheme, 'joint')[0]!.channels).toHaveLength(channels);
  });
});

describe('encodeLabels', () => {
  test('marks every word of a span as inside with IO', () => {
    expect(tags(oneTask('IO'), { ner: [span('A', 1, 2)] }, 4)).toEqual(['-', 'I-A', 'I-A', '-']);
  });

  test('gives the first word of a span B alone with BIO', () => {
    expect(tags(oneTask('BIO'), { ner: [span('A', 0, 0), span('A', 1, 3)] }, 4)).toEqual([
      'B-A',
      'B-A',
      'I-A',
      'I-A',
    ]);
  });

  test('gives the only word of a span U alone with BIOU', () => {
    expect(tags(oneTask('BIOU'), { ner: [span('A', 0, 0), span('A', 1, 2)] }, 3)).toEqual([
      'U-A',
      'B-A',
      'I-A',
    ]);
  });

  test('sets both labels where spans of different labels are nested', () => {
    expect(tags(oneTask('BIO'), { ner: [span('A', 0, 2), span('B', 1, 1)] }, 3)).toEqual([
      'B-A',
      'I-A+B-B',
      'I-A',
    ]);
  });

  test.each(['IO', 'BIO', 'BIOU'] as const)(
    'keeps the longest of nested spans of one label with %s',
    (scheme) => {
      const outer = [span('A', 0, 3)];
      const nested = [span('A', 0, 1), span('A', 2, 2), ...outer, span('A', 3, 3)];
      expect(tags(oneTask(scheme), { ner: nested }, 5)).toEqual(tags(oneTask(scheme), { ner: outer }, 5));
    },
  );

  test('begins the second of two spans of one label that cross', () => {
    expect(tags(oneTask('BIO'), { ner: [span('A', 0, 2), span('A', 2, 3)] }, 4)).toEqual([
      'B-A',
      'I-A',
      'B-A',
      'I-A',
    ]);
  });

  test('counts a word that a span covers only in part', () => {
    const partly = { label: 'A', start: 18, end: 21 };
    expect(tags(oneTask('IO'), { ner: [partly] }, 4)).toEqual(['-', 'I-A', 'I-A', '-']);
  });

  test('passes over labels that the head lacks, empty spans and spans between words', () => {
    const spans = [span('other', 0, 1), { label: 'A', start: 3, end: 3 }, { label: 'A', start: 9, end: 10 }];
    expect(tags(oneTask('IO'), { ner: spans }, 2)).toEqual(['-', '-']);
  });

  test('gives nothing for a document without words', () => {
    expect(encodeLabels(oneTask('BIO'), { ner: [span('A', 0, 1)] }, words(0))).toHaveLength(0);
  });

  test('joins the spans of the tasks that have the same offsets with joint outputs', () => {
    const spans = { ner: [span('A', 0, 1), span('B', 3, 3)], class: [span('X', 0, 1), span('Y', 3, 3)] };
    expect(tags(joint('BIO'), spans, 4)).toEqual(['B-A.X', 'I-A.X', '-', 'B-B.Y']);
  });

  test('gives a span of one task alone the label of the other task that overlaps it most', () => {
    const spans = { ner: [span('A', 0, 3)], class: [span('X', 0, 0), span('Y', 1, 3)] };
    expect(tags(joint('IO'), spans, 4)).toEqual(['I-A.X+I-A.Y', 'I-A.Y', 'I-A.Y', 'I-A.Y']);
  });

  test('leaves out a span of one task that no span of the other overlaps', () => {
    const spans = { ner: [span('A', 0, 0), span('A', 2, 2)], class: [span('X', 2, 2)] };
    expect(tags(joint('IO'), spans, 3)).toEqual(['-', '-', 'I-A.X']);
  });

  test('sets all combinations where the tasks have several labels for the same offsets', () => {
    const spans = { ner: [span('A', 0, 0), span('B', 0, 0)], class: [span('X', 0, 0)] };
    expect(tags(joint('IO'), spans, 1)).toEqual(['I-A.X+I-B.X']);
  });
});
