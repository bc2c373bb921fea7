import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { estimateGate, gateThreshold, type GatedDocument } from '../../src/eval/gate.js';

const score = fc.integer({ min: -9, max: 9 });
const task = fc
  .tuple(fc.array(fc.record({ right: fc.boolean(), score }), { maxLength: 5 }), fc.nat(2))
  .map(([spans, missed]) => ({ gold: spans.filter(({ right }) => right).length + missed, spans }));
/** A span's score is that of one of its document's windows. */
const document = fc
  .record({ others: fc.array(score, { maxLength: 4 }), tasks: fc.record({ ner: task, class: task }) })
  .map(({ others, tasks }): GatedDocument => {
    const ofSpans = Object.values(tasks).flatMap(({ spans }) => spans.map((span) => span.score));
    return { windows: [...others, ...ofSpans], tasks };
  });
const documents = fc.array(document, { minLength: 1, maxLength: 6 });
const loss = fc.constantFrom(0, 0.1, 0.25, 0.5);

const lost = (all: readonly GatedDocument[], name: string, threshold: number) =>
  all.flatMap(({ tasks }) => tasks[name]!.spans).filter((span) => span.right && span.score < threshold)
    .length;
const gold = (all: readonly GatedDocument[], name: string) =>
  all.reduce((sum, { tasks }) => sum + tasks[name]!.gold, 0);
const isAllowed = (all: readonly GatedDocument[], threshold: number, most: number) =>
  ['ner', 'class'].every((name) => lost(all, name, threshold) <= most * gold(all, name));

describe('the threshold of a gate', () => {
  test('loses no more recall of any task than was said, and the next window that it would leave out would', () => {
    fc.assert(
      fc.property(documents, loss, (all, most) => {
        const threshold = gateThreshold(all, most);
        const right = all.flatMap(({ tasks }) => Object.values(tasks).flatMap(({ spans }) => spans.filter((span) => span.right))); // prettier-ignore
        if (threshold === undefined) return isAllowed(all, Infinity, most);
        expect(right.length).toBeGreaterThan(0);
        expect(isAllowed(all, threshold, most)).toBe(true);
        const stays = right.map((span) => span.score).filter((own) => own >= threshold);
        expect(isAllowed(all, Math.min(...stays) + 0.5, most)).toBe(false); // the next that could go
        return true;
      }),
    );
  });

  test('lies between the scores of two windows, so that roundings decide nothing', () => {
    const spans = [{ right: true, score: 4 }];
    const one = { windows: [-3, 1, 4, 8], tasks: { ner: { gold: 1, spans } } };
    expect(gateThreshold([one], 0)).toBe(2.5);
  });

  test('is none where nothing right was found', () => {
    const one = { windows: [1], tasks: { ner: { gold: 3, spans: [{ right: false, score: 1 }] } } };
    expect(gateThreshold([one], 0.1)).toBeUndefined();
  });
});

describe('the estimate of a gate', () => {
  test('counts by hand what thresholds of the other documents leave', () => {
    // Each document alone is a part: the threshold of the first is midway below 5, that of the second below 1.
    const first = {
      windows: [0, 1, 2],
      tasks: { ner: { gold: 2, spans: [{ right: true, score: 1 }, { right: false, score: 0 }] } }, // prettier-ignore
    };
    const second = { windows: [0, 4, 5], tasks: { ner: { gold: 1, spans: [{ right: true, score: 5 }] } } };
    const { windows, tasks } = estimateGate([first, second], {
      loss: 0,
      parts: 2,
      partOf: Int32Array.of(0, 1),
    });
    expect(windows).toBe((0 + 2) / 6); // none of the first reaches 4.5, two of the second reach 0.5
    const { before, after } = tasks.ner!;
    expect(before).toMatchObject({ truePositives: 2, falsePositives: 1, falseNegatives: 1 });
    expect(after).toMatchObject({ truePositives: 1, falsePositives: 0, falseNegatives: 2 });
    expect(after).toMatchObject({ precision: 1, recall: 1 / 3 });
  });
});
