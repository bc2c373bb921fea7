import { describe, expect, test } from '@jest/globals';
import { headFor } from '../../support/pairs.js';
import { encodedWords, wordSpan } from '../../support/words.js';

const tasks = { ner: ['A', 'B'], class: ['X'] };
const head = headFor(tasks, { longest: 3 });

describe('what is learned of pairs', () => {
  const encoded = encodedWords([0, 0, 1, 2, 2, 3]);
  const targets = head.targetsOf({ ner: [wordSpan('A', 1, 2)], class: [] }, encoded);

  test('is something where a window holds the pieces that stand for the first and the last word', () => {
    const isPositive = (start: number, end: number) => head.isPositive(targets, encoded, { start, end });
    expect(isPositive(2, 4)).toBe(true);
    expect(isPositive(3, 6)).toBe(false); // without its first word
    expect(isPositive(0, 3)).toBe(false); // without its last
  });

  test('is a span over each word that it overlaps, if only in part', () => {
    const partly = head.targetsOf({ ner: [{ label: 'A', start: 12, end: 21 }], class: [] }, encoded);
    expect(partly).toEqual(targets);
  });

  test('is a span of several tasks by the joined labels with joint outputs', () => {
    const joint = headFor(tasks, { longest: 3, joint: true });
    const both = { ner: [wordSpan('B', 0, 0)], class: [wordSpan('X', 0, 0)] };
    const scores = new Float32Array(4 * 3 * 2);
    scores[1] = 0.8; // first word, B.X
    scores[2 * 3 * 2] = 0.6; // third word, A.X
    expect(joint.count([scores], joint.targetsOf(both, encoded), encoded)).toEqual([
      { truePositives: [0, 1], falsePositives: [1, 0], falseNegatives: [0, 0] },
    ]);
  });

  test('is counted by label against what was found, at probability .5', () => {
    const scores = [new Float32Array(4 * 3 * 2), new Float32Array(4 * 3)];
    const gold = {
      ner: [wordSpan('A', 1, 2), wordSpan('B', 0, 3), wordSpan('B', 3, 3)],
      class: [wordSpan('X', 0, 1)],
    };
    scores[0]![(1 * 3 + 1) * 2] = 0.5; // A 1-2
    scores[0]![(0 * 3 + 0) * 2] = 0.9; // A 0-0
    scores[1]![(0 * 3 + 1) * 1] = 0.49;
    expect(head.count(scores, head.targetsOf(gold, encoded), encoded)).toEqual([
      { truePositives: [1, 0], falsePositives: [1, 0], falseNegatives: [0, 1] },
      { truePositives: [0], falsePositives: [0], falseNegatives: [1] },
    ]);
  });
});

describe('notices', () => {
  const example = (spans: Record<string, ReturnType<typeof wordSpan>[]>) => {
    const encoded = encodedWords([0, 1, 2, 3]);
    return { name: 'a', text: '', encoded, spans, targets: head.targetsOf(spans, encoded) };
  };

  test('say how many gold spans are too long and how many words cannot tell apart', () => {
    const spans = {
      ner: [
        wordSpan('A', 0, 3),
        wordSpan('A', 1, 1),
        { label: 'A', start: 10, end: 14 },
        wordSpan('B', 1, 1),
      ],
      class: [wordSpan('X', 0, 3)],
    };
    expect(head.notices!([example(spans)])).toEqual([
      'Of the 5 gold spans of the training documents the head spans does not learn 2 of more than 3 words (model.spans.longest) and 1 with the words and the label of another.',
    ]);
  });

  test('are none where every span can be learned', () => {
    expect(head.notices!([example({ ner: [wordSpan('A', 0, 2)], class: [] })])).toEqual([]);
  });
});
