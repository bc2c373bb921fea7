import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { conceptScores, nearestPoints, type Space } from '../../src/normalize/space.js';

const CONCEPTS = 4;
const space = (concepts: number[], centroids: number[] = []): Space => ({
  points: concepts.map((concept, i) => ({ text: `point ${i}`, concept, source: 'label' })),
  concepts: Int32Array.of(...concepts, ...centroids),
  similarities: () => Promise.resolve([]),
  dispose: () => {},
});

/** Points with their concepts and similarities; the last are centroids. */
const situations = fc
  .array(fc.tuple(fc.nat(CONCEPTS - 1), fc.float({ min: -1, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 12,
  })
  .chain((points) => fc.record({ points: fc.constant(points), split: fc.nat(points.length) }));

describe('how near a text is to a concept', () => {
  test('is the similarity of the nearest of its points, and 0 without one', () => {
    fc.assert(
      fc.property(situations, ({ points, split }) => {
        const concepts = points.map(([concept]) => concept);
        const given = space(concepts.slice(0, split), concepts.slice(split));
        const similarities = Float32Array.from(points, ([, similarity]) => similarity);
        const scores = conceptScores(given, similarities, CONCEPTS, { neighbours: null, votePower: 1 });
        const expected = Array.from({ length: CONCEPTS }, (_, concept) =>
          Math.max(0, ...[...similarities].filter((_, i) => concepts[i] === concept)),
        );
        expect([...scores]).toEqual(expected);
      }),
    );
  });

  test('is the mean of the votes of the nearest points, where they vote', () => {
    const similarities = Float32Array.of(0.5, 1, -0.5, 0.25);
    const votes = { neighbours: 3, votePower: 2 };
    expect([...conceptScores(space([0, 1, 2, 0]), similarities, CONCEPTS, votes)]).toEqual([
      0.25 / 3 + 0.0625 / 3,
      1 / 3,
      0,
      0,
    ]);
    const all = { neighbours: 10, votePower: 1 };
    expect([...conceptScores(space([0, 1, 2, 0]), similarities, CONCEPTS, all)]).toEqual([
      0.05 + 0.025,
      0.1,
      0,
      0,
    ]);
  });
});

describe('the nearest points', () => {
  test('are the greatest similarities in descending order, of equal ones the first', () => {
    fc.assert(
      fc.property(situations, fc.integer({ min: 0, max: 15 }), ({ points, split }, count) => {
        const given = space(
          points.slice(0, split).map(([concept]) => concept),
          points.slice(split).map(([concept]) => concept),
        );
        const similarities = Float32Array.from(points, ([, similarity]) => similarity);
        const expected = [...similarities.keys()]
          .sort((a, b) => similarities[b]! - similarities[a]! || a - b)
          .slice(0, count)
          .map((i) => ({
            text: i < split ? `point ${i}` : '',
            concept: points[i]![0],
            source: i < split ? 'label' : 'centroid',
            similarity: similarities[i],
            distance: 1 - similarities[i]!,
          }));
        expect(nearestPoints(given, similarities, count, 'cosine')).toEqual(expected);
      }),
    );
  });
});
