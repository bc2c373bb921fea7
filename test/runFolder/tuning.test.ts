import { expect, test } from '@jest/globals';
import { foundScores, scoredDocument } from '../../src/runFolder/tuning.js';
import { document } from '../support/corpus.js';

const gold = document('a', 'jueza y maestra, luego jueza', {
  ner: [['A', 'jueza'], ['B', 'maestra']], // prettier-ignore
  class: [['A', 'maestra']],
});
gold.spans.ner!.push({ ...gold.spans.ner![0]! }); // there twice, as nothing forbids
const labels = ['A', 'B', 'C'];

test('candidates are right where the gold of their task has their label and offsets; it is counted once', () => {
  const candidates = {
    document: 'a',
    found: {},
    candidates: {
      ner: [
        [0, 5, 'A', 0.9, -1, 0.8],
        [0, 5, 'B', 0.7, 0.2, 0.6],
        [8, 15, 'A', 0.5, -1, 0.5],
        [8, 15, 'B', 0.4, -1, 0.4],
      ] as [number, number, string, number, number, number][],
      class: [[8, 15, 'A', 0.3, -1, 0.3]] as [number, number, string, number, number, number][],
    },
  };
  expect(scoredDocument(gold, candidates, 'ner', labels)).toEqual({
    name: 'a',
    spans: [
      [
        { score: 0.9, above: -1, upTo: 0.8, right: true },
        { score: 0.5, above: -1, upTo: 0.5, right: false },
      ],
      [
        { score: 0.7, above: 0.2, upTo: 0.6, right: false },
        { score: 0.4, above: -1, upTo: 0.4, right: true },
      ],
      [],
    ],
    gold: [1, 1, 0],
  });
  expect(scoredDocument(gold, candidates, 'class', labels).spans[0]!.map(({ right }) => right)).toEqual([
    true,
  ]);
});

test('what was found has its score, and is right by the same rule', () => {
  const found = { ner: [[0, 5, 'A', 0.9], [0, 4, 'A', 0.8]] as [number, number, string, number][] }; // prettier-ignore
  expect(foundScores(gold, { document: 'a', found, candidates: {} }, 'ner', labels)).toEqual([
    [{ score: 0.9, right: true }, { score: 0.8, right: false }], // prettier-ignore
    [],
    [],
  ]);
  expect(foundScores(gold, { document: 'a', found, candidates: {} }, 'class', labels)).toEqual([[], [], []]);
});
