import { describe, expect, test } from '@jest/globals';
import { randomFrom } from '../../src/data/random.js';
import { drawPairs } from '../../src/normalize/pairs.js';
import { formsOf } from '../../src/normalize/terminology.js';
import { knowledge } from '../support/normalization.js';

const options = { mentionCount: 3, labelShare: 0.5 };
const draw = (seed = 1) => drawPairs(knowledge, options, randomFrom(seed));

describe('the pairs of an epoch', () => {
  test('take every mention so many times, every alternative once', () => {
    const counts = new Map<string, number>();
    for (const { first } of draw()) counts.set(first, (counts.get(first) ?? 0) + 1);
    // the only label of «desempleado» stands beside its only alternative; «albañil» and the others likewise
    for (const { text } of knowledge.mentions) expect(counts.get(text)).toBe(3);
    for (const text of knowledge.concepts.flatMap(({ alternatives }) => alternatives))
      expect(counts.get(text)).toBe(1);
  });

  test('have two texts of one concept, never twice the same', () => {
    for (const { first, second, concept } of draw()) {
      const { code, labels, alternatives } = knowledge.concepts[concept]!;
      const own = [...labels.flatMap(formsOf), ...alternatives];
      const mentions = knowledge.mentions.filter((mention) => mention.code === code).map(({ text }) => text);
      expect([...own, ...mentions]).toContain(first);
      expect(own).toContain(second);
      expect(second).not.toBe(first);
    }
  });

  test('have a label, or an alternative, for the second text as often as was asked for', () => {
    const share = (labelShare: number) => {
      const pairs = drawPairs(knowledge, { mentionCount: 400, labelShare }, randomFrom(1));
      const both = pairs.filter(({ first, concept }) =>
        knowledge.concepts[concept]!.alternatives.some((text) => text !== first),
      );
      const isLabel = ({ second, concept }: (typeof pairs)[number]) =>
        knowledge.concepts[concept]!.labels.flatMap(formsOf).includes(second);
      return both.filter(isLabel).length / both.length;
    };
    expect(share(1)).toBe(1);
    expect(share(0)).toBe(0);
    expect(share(0.8)).toBeCloseTo(0.8, 1);
  });

  test('depend on the seed alone', () => {
    expect(draw()).toEqual(draw());
    expect(draw(2)).not.toEqual(draw());
  });
});
