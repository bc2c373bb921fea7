import { expect, test } from '@jest/globals';
import { pointsOf } from '../../src/normalize/points.js';

const knowledge = {
  concepts: [
    { code: '1', labels: ['juez/jueza'], alternatives: ['Jueza', 'magistrada'] },
    { code: '2', labels: ['jueza de paz'], alternatives: [] },
  ],
  mentions: [
    { text: 'JUEZA', code: '1', count: 2 },
    { text: 'jueza', label: 'A', code: '1', count: 1 },
    { text: 'jueza', code: '2', count: 1 },
  ],
};
const all = { labels: true, alternatives: true, mentions: true, centroids: false };
const shown = (changed: Partial<typeof all> = {}) =>
  pointsOf(knowledge, { ...all, ...changed }).map(
    ({ text, concept, source }) => `${concept} ${source} ${text}`,
  );

test('points are every text once for each concept and source, in order of the concepts', () => {
  expect(shown()).toEqual([
    ...[
      '0 label juez',
      '0 label jueza',
      '0 alternative Jueza',
      '0 alternative magistrada',
      '0 mention JUEZA',
    ],
    ...['1 label jueza de paz', '1 mention jueza'],
  ]);
});

test('points are of the sources that are asked for', () => {
  expect(shown({ labels: false, mentions: false })).toEqual([
    '0 alternative Jueza',
    '0 alternative magistrada',
  ]);
  expect(shown({ labels: false, alternatives: false })).toEqual(['0 mention JUEZA', '1 mention jueza']);
});
