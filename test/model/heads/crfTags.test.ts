import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Span } from '../../../src/data/document.js';
import { outputsOf, type Output, type Scheme } from '../../../src/data/labels.js';
import { possibleMoves, spansOf, tagsOf } from '../../../src/model/heads/crf/tags.js';
import { apartSpans, chainHead, outputOf } from '../../support/chains.js';
import { encodedWords, spanInWords, wordSpan } from '../../support/words.js';

const namesOf = ({ channels }: Output) => [
  'O',
  ...channels.map(({ tag, labels }) => `${tag}-${Object.values(labels).join('+')}`),
];

/** Tags by name of spans in words. */
function tagged(output: Output, spans: [string, number, number][]): string {
  const names = namesOf(output);
  const tags = tagsOf(
    output,
    { ner: spans.map((span) => wordSpan(...span)) },
    encodedWords([0, 1, 2, 3, 4, 5]),
  );
  return Array.from(tags, (tag) => names[tag]!).join(' ');
}

describe('possible moves', () => {
  const movesOf = (scheme: Scheme) => {
    const output = outputOf(scheme);
    const names = namesOf(output);
    const possible = possibleMoves(output);
    const rows = [...names, 'start', 'end'];
    return Object.fromEntries(
      rows.map((row, i) => [row, names.filter((_, tag) => possible[i * names.length + tag]).join(' ')]),
    );
  };

  test('are all with IO', () => {
    const all = 'O I-A I-B';
    expect(movesOf('IO')).toEqual({ O: all, 'I-A': all, 'I-B': all, start: all, end: all });
  });

  test('lead to I from B and I of its label alone with BIO', () => {
    expect(movesOf('BIO')).toEqual({
      O: 'O B-A B-B',
      'B-A': 'O B-A I-A B-B',
      'I-A': 'O B-A I-A B-B',
      'B-B': 'O B-A B-B I-B',
      'I-B': 'O B-A B-B I-B',
      start: 'O B-A B-B',
      end: 'O B-A I-A B-B I-B',
    });
  });

  test('lead from B to I alone with BIOU, where a span of one word is U', () => {
    const anew = 'O B-A U-A B-B U-B';
    expect(movesOf('BIOU')).toEqual({
      O: anew,
      'B-A': 'I-A',
      'I-A': 'O B-A I-A U-A B-B U-B',
      'U-A': anew,
      'B-B': 'I-B',
      'I-B': 'O B-A U-A B-B I-B U-B',
      'U-B': anew,
      start: anew,
      end: 'O I-A U-A I-B U-B',
    });
  });
});

describe('tags of spans', () => {
  test('are those of the scheme', () => {
    const spans: [string, number, number][] = [
      ['A', 1, 2],
      ['A', 3, 3],
      ['B', 4, 4],
    ];
    expect(tagged(outputOf('IO'), spans)).toBe('O I-A I-A I-A I-B O');
    expect(tagged(outputOf('BIO'), spans)).toBe('O B-A I-A B-A B-B O');
    expect(tagged(outputOf('BIOU'), spans)).toBe('O B-A I-A U-A U-B O');
  });

  test('are those of the longest span where some overlap, then of the earlier one, then by label', () => {
    const of = (...spans: [string, number, number][]) => tagged(outputOf('BIO'), spans);
    expect(of(['B', 0, 1], ['A', 1, 3])).toBe('O B-A I-A I-A O O');
    expect(of(['A', 1, 1], ['B', 0, 4])).toBe('B-B I-B I-B I-B I-B O');
    expect(of(['A', 2, 3], ['B', 1, 2])).toBe('O B-B I-B O O O');
    expect(of(['B', 2, 3], ['A', 2, 3])).toBe('O O B-A I-A O O');
  });

  test('leave out a span that overlaps one which stays, and nothing else', () => {
    const spans: [string, number, number][] = [
      ['A', 0, 0],
      ['B', 0, 2],
      ['A', 2, 5],
    ];
    expect(tagged(outputOf('IO'), spans)).toBe('I-A O I-A I-A I-A I-A');
  });

  test('are of combinations of labels with joint outputs, and go back to spans of every task', () => {
    const tasks = { ner: { labels: ['A', 'B'] }, class: { labels: ['X', 'Y'] } };
    const output = outputsOf(tasks, 'BIO', 'joint')[0]!;
    const spans = {
      ner: [wordSpan('A', 0, 1), wordSpan('B', 2, 2)],
      class: [wordSpan('Y', 0, 1), wordSpan('X', 2, 2)],
    };
    const words = encodedWords([0, 1, 2, 3]);
    const tags = tagsOf(output, spans, words);
    expect(Array.from(tags, (tag) => namesOf(output)[tag])).toEqual(['B-A+Y', 'I-A+Y', 'B-B+X', 'O']);
    expect(spansOf(output, tags, words)).toEqual(spans);
  });

  const sorted = (spans: Span[]) => spans.map(spanInWords).sort();
  test.each(['BIO', 'BIOU'] as const)('of %s go back to the spans, and make possible moves alone', (scheme) =>
    fc.assert(
      fc.property(apartSpans(['A', 'B', 'C']), fc.nat(3), (given, after) => {
        const output = outputOf(scheme, ['A', 'B', 'C']);
        const [size, possible] = [output.channels.length + 1, possibleMoves(output)];
        const count = (given.at(-1)?.[2] ?? -1) + 1 + after;
        const words = encodedWords(Array.from({ length: count }, (_, word) => word));
        const ner = given.map((span) => wordSpan(...span));
        const tags = tagsOf(output, { ner }, words);
        expect(sorted(spansOf(output, tags, words).ner!)).toEqual(sorted(ner));
        tags.forEach((tag, i) => expect(possible[(i === 0 ? size : tags[i - 1]!) * size + tag]).toBe(1));
        if (count > 0) expect(possible[(size + 1) * size + tags.at(-1)!]).toBe(1);
      }),
    ),
  );
});

describe('notices of a head of chains', () => {
  const labels = { ner: ['A', 'B'], class: ['X'] };
  const example = (...spans: [string, number, number][]) => ({
    name: 'a',
    text: '',
    encoded: encodedWords([0, 1, 2, 2, 3, 4, 5]),
    targets: [],
    spans: { ner: spans.map((span) => wordSpan(...span)), class: [] as Span[] },
  });

  test('say what IO can reach where spans of a label touch, and how many BIO would tell apart', () => {
    const examples = [example(['A', 0, 1], ['A', 2, 2], ['B', 4, 4]), example(['A', 1, 2], ['B', 2, 2])];
    expect(chainHead(labels, { scheme: 'IO' }).notices!(examples)).toEqual([
      'crf with scheme IO can reach at most F1 .500 on ner: 3 of 5 spans touch another of their label or overlap one; BIO would tell 2 apart',
    ]); // found: A 0-2, B 4-4; A 1-2
    expect(chainHead(labels, { scheme: 'BIO' }).notices!(examples)).toEqual([
      'crf with scheme BIO can reach at most F1 .889 on ner: 1 of 5 spans touch another of their label or overlap one',
    ]);
  });

  test('are none where all spans are held, or lost because they end within a word', () => {
    const within = example();
    within.spans.ner.push({ label: 'A', start: 12, end: 15 });
    const examples = [example(['A', 0, 0], ['B', 1, 1]), within];
    expect(chainHead(labels, { scheme: 'IO' }).notices!(examples)).toEqual([]);
  });
});
