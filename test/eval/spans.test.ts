import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { macroF1 } from '../../src/eval/scores.js';
import { scoreSpans, type SpansByDocument } from '../../src/eval/spans.js';
import { anySpans, scoredLabels, shared, spansOf } from '../support/spans.js';

const score = (gold: SpansByDocument, predicted: SpansByDocument) =>
  scoreSpans(gold, predicted, scoredLabels);

/** Every span of a side as a line, once. */
function lines(side: SpansByDocument, documents: SpansByDocument, label?: string): string[] {
  const all: string[] = [];
  for (const [document, spans] of side)
    for (const span of spans) {
      const line = [document, span.label, span.start, span.end].join(' ');
      const counts = scoredLabels.includes(span.label) && (label === undefined || span.label === label);
      if (counts && documents.has(document) && !all.includes(line)) all.push(line);
    }
  return all;
}

function slowScore(gold: SpansByDocument, predicted: SpansByDocument, label?: string) {
  const truth = lines(gold, gold, label);
  const found = lines(predicted, gold, label);
  const right = found.filter((line) => truth.includes(line)).length;
  const precision = found.length > 0 ? right / found.length : 0;
  const recall = truth.length > 0 ? right / truth.length : 0;
  return {
    precision,
    recall,
    f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0,
    truePositives: right,
    falsePositives: found.length - right,
    falseNegatives: truth.length - right,
  };
}

describe('scores of spans', () => {
  test('are those of lines compared one by one, micro and per label', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (gold, predicted) => {
        const { perLabel, ...micro } = score(gold, predicted);
        expect(micro).toMatchObject(slowScore(gold, predicted));
        for (const label of scoredLabels) expect(perLabel[label]).toEqual(slowScore(gold, predicted, label));
      }),
    );
  });

  test('exchange precision and recall where gold and predictions are exchanged', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (one, other) => {
        const [gold, predicted] = [shared(one, other), shared(other, one)];
        const { precision, recall, f1 } = score(predicted, gold);
        expect(score(gold, predicted)).toMatchObject({ precision: recall, recall: precision });
        expect(score(gold, predicted).f1).toBeCloseTo(f1, 12);
      }),
    );
  });

  test('are 1 for the gold itself, in any order and with every span twice', () => {
    fc.assert(
      fc.property(anySpans(scoredLabels), (gold) => {
        fc.pre([...gold.values()].some((spans) => spans.length > 0));
        const predicted = new Map([...gold].map(([name, spans]) => [name, [...spans, ...spans].reverse()]));
        expect(score(gold, predicted)).toMatchObject({ precision: 1, recall: 1, f1: 1 });
      }),
    );
  });

  test('stay the same with duplicates, other labels and documents that the gold lacks', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (gold, predicted) => {
        const more = new Map([...predicted].map(([name, spans]) => [name, [...spans, ...spans.slice(1)]]));
        for (const spans of more.values()) spans.push({ label: 'O', start: 0, end: 3 });
        more.set('e', [{ label: 'A', start: 0, end: 3 }]);
        expect(score(gold, more)).toEqual(score(gold, predicted));
      }),
    );
  });

  test('are 0 without predictions, as an untrained model has none', () => {
    expect(score(spansOf({ a: 'A 0 6' }), new Map())).toMatchObject({
      precision: 0,
      recall: 0,
      f1: 0,
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 1,
    });
  });

  test('say what was computed and how each label fared', () => {
    const scores = score(spansOf({ a: 'A 0 6, A 8 9, B 3 4' }), spansOf({ a: 'A 0 6, C 8 9, B 3 5' }));
    expect(scores.semantics).toBe('MEDDOPROF official, micro, exact');
    expect(scores.perLabel.A).toEqual({
      precision: 1,
      recall: 0.5,
      f1: 2 / 3,
      truePositives: 1,
      falsePositives: 0,
      falseNegatives: 1,
    });
  });
});

describe('macro F1', () => {
  test('is the mean over the labels that occur', () => {
    const scores = score(spansOf({ a: 'A 0 6, B 3 4' }), spansOf({ a: 'A 0 6, B 3 5' }));
    expect(macroF1(scores.perLabel)).toBe(0.5);
  });

  test('takes a label that is only predicted for one that occurs, and that only the gold has', () => {
    const macro = (gold: string, predicted: string) =>
      macroF1(score(spansOf({ a: gold }), spansOf({ a: predicted })).perLabel);
    expect(macro('A 0 6', 'A 0 6, B 3 5')).toBe(0.5);
    expect(macro('A 0 6, B 3 5', 'A 0 6')).toBe(0.5);
    expect(macro('A 0 6', 'A 0 6')).toBe(1);
  });

  test('is 0 where no label occurs', () => {
    expect(macroF1(score(spansOf({ a: '' }), new Map()).perLabel)).toBe(0);
  });
});
