import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyseErrors } from '../../src/eval/analysis.js';
import { confusedLabels } from '../../src/eval/confusion.js';
import { scoreSpans, type SpansByDocument } from '../../src/eval/spans.js';
import { anySpans, scoredLabels, shared, spansOf } from '../support/spans.js';

const analyse = (gold: SpansByDocument, predicted: SpansByDocument, options = {}) =>
  analyseErrors(gold, predicted, scoredLabels, options);
const outcomes = (gold: string, predicted: string) =>
  analyse(spansOf({ a: gold }), spansOf({ a: predicted })).outcomes;
const none = { correct: 0, label: 0, boundary: 0, labelAndBoundary: 0, missed: 0, invented: 0 };
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('the kinds of errors', () => {
  test.each([
    ['the same label and offsets', 'A 0 6', 'A 0 6', { correct: 1 }],
    ['another label at the same offsets', 'A 0 6', 'B 0 6', { label: 1 }],
    ['the same label at overlapping offsets', 'A 0 6', 'A 2 8', { boundary: 1 }],
    ['another label at overlapping offsets', 'A 0 6', 'B 2 8', { labelAndBoundary: 1 }],
    ['spans that only touch', 'A 0 6', 'A 6 8', { missed: 1, invented: 1 }],
    ['gold without prediction', 'A 0 6', '', { missed: 1 }],
    ['a prediction without gold', '', 'A 0 6', { invented: 1 }],
    ['a span found in two parts', 'A 0 10', 'A 0 4, A 5 10', { boundary: 1, invented: 1 }],
    ['two spans found as one', 'A 0 4, A 5 10', 'A 0 10', { boundary: 1, missed: 1 }],
    ['a nested span that is not found', 'A 0 10, B 2 4', 'A 0 10', { correct: 1, missed: 1 }],
    ['labels that are not scored', 'O 0 6', 'O 0 6', {}],
  ])('know %s', (_, gold, predicted, expected) => {
    expect(outcomes(gold, predicted)).toEqual({ ...none, ...expected });
  });

  test('pair the spans that share most, whatever their order', () => {
    const { confusion } = analyse(spansOf({ a: 'A 0 10' }), spansOf({ a: 'C 9 12, B 1 10' }));
    expect(confusedLabels(confusion)).toEqual([{ gold: 'A', predicted: 'B', count: 1 }]);
  });

  test('sum up to what the scores count', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (gold, predicted) => {
        const { outcomes, perLabel } = analyse(gold, predicted);
        const paired = outcomes.label + outcomes.boundary + outcomes.labelAndBoundary;
        expect(scoreSpans(gold, predicted, scoredLabels)).toMatchObject({
          truePositives: outcomes.correct,
          falsePositives: paired + outcomes.invented,
          falseNegatives: paired + outcomes.missed,
        });
        for (const [kind, count] of Object.entries(outcomes))
          expect(sum(Object.values(perLabel).map((counts) => counts[kind as 'label']))).toBe(count);
      }),
    );
  });

  test('exchange missed and invented where gold and predictions are exchanged', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (one, other) => {
        const [gold, predicted] = [shared(one, other), shared(other, one)];
        const forth = analyse(gold, predicted);
        const back = analyse(predicted, gold);
        const { missed, invented, ...paired } = forth.outcomes;
        expect(back.outcomes).toEqual({ ...paired, missed: invented, invented: missed });
        expect(back.confusion.counts).toEqual(
          forth.confusion.counts.map((_, row) => forth.confusion.counts.map((counts) => counts[row])),
        );
      }),
    );
  });
});

describe('the confusion matrix', () => {
  test('has gold labels in rows, predicted ones in columns, and none at the end of both', () => {
    const { confusion } = analyse(spansOf({ a: 'A 0 6, B 8 9' }), spansOf({ a: 'C 0 6, A 20 21' }));
    expect(confusion).toEqual({
      labels: ['A', 'B', 'C'],
      counts: [
        [0, 0, 1, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 0],
        [1, 0, 0, 0],
      ],
    });
  });

  test('holds every gold span of a label in its row and every prediction in its column', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (gold, predicted) => {
        const { counts } = analyse(gold, predicted).confusion;
        const { perLabel } = scoreSpans(gold, predicted, scoredLabels);
        for (const [index, label] of scoredLabels.entries()) {
          const { truePositives, falsePositives, falseNegatives } = perLabel[label]!;
          expect(sum(counts[index]!)).toBe(truePositives + falseNegatives);
          expect(sum(counts.map((row) => row[index]!))).toBe(truePositives + falsePositives);
        }
      }),
    );
  });
});

describe('examples of errors', () => {
  const gold = spansOf({ a: 'A 0 6', b: 'A 0 6', c: 'A 0 6' });

  test('are the first of each kind, up to a limit, and none by default', () => {
    const { missed } = analyse(gold, new Map(), { examples: 2 }).examples;
    expect(missed.map(({ document }) => document)).toEqual(['a', 'b']);
    expect(analyse(gold, new Map()).examples.missed).toEqual([]);
  });

  test('quote the text by code points', () => {
    const texts = new Map([['a', '👩 médica']]);
    const predicted = spansOf({ a: 'A 2 8' });
    const { boundary } = analyse(spansOf({ a: 'A 0 8' }), predicted, { examples: 1, texts }).examples;
    expect(boundary).toEqual([
      {
        document: 'a',
        gold: { label: 'A', start: 0, end: 8, text: '👩 médica' },
        predicted: { label: 'A', start: 2, end: 8, text: 'médica' },
      },
    ]);
  });

  test('show what the file says where there is no text', () => {
    const predicted = new Map([['a', [{ label: 'A', start: 7, end: 9, text: 'té' }]]]);
    const { invented } = analyse(spansOf({ a: '' }), predicted, { examples: 1 }).examples;
    expect(invented[0]!.predicted!.text).toBe('té');
  });
});
