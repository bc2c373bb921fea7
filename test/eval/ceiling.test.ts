import { describe, expect, test } from '@jest/globals';
import { encodingCeilings } from '../../src/eval/ceiling.js';
import { document, twoTasks } from '../support/corpus.js';

/** Words between single spaces, each a piece. */
function wordsOf(text: string) {
  const wordStarts = [...text.matchAll(/\S+/g)].map(({ index }) => index);
  const wordEnds = [...text.matchAll(/\S+/g)].map((match) => match.index + match[0].length);
  const [starts, ends] = [Int32Array.from(wordStarts), Int32Array.from(wordEnds)];
  const numbers = starts.map((_, word) => word);
  const ofPieces = { starts, ends, words: numbers, lastWords: numbers };
  return { ...ofPieces, wordStarts: starts, wordEnds: ends, firstPieces: numbers };
}

const text = 'uno dos tres cuatro cinco';
const ceilings = (spans: Parameters<typeof document>[2], tasks = twoTasks) =>
  encodingCeilings([document('a', text, spans)], [wordsOf(text)], tasks);

describe('the ceiling of an encoding', () => {
  test('is 1 for separate spans, under every scheme and both outputs', async () => {
    const all = await ceilings({ ner: [['A', 'uno dos']], class: [['Y', 'uno dos']] });
    expect(all.map(({ scheme, outputs }) => `${scheme} ${outputs}`)).toEqual([
      'IO perTask',
      'BIO perTask',
      'BIOU perTask',
      'IO joint',
      'BIO joint',
      'BIOU joint',
    ]);
    for (const { scores } of all) expect([scores.ner!.f1, scores.class!.f1]).toEqual([1, 1]);
  });

  test('is lower under IO for neighbours with one label, which become one', async () => {
    const [io, bio] = await ceilings({
      ner: [
        ['A', 'uno'],
        ['A', 'dos'],
      ],
    });
    expect(io!.scores.ner).toMatchObject({ truePositives: 0, falsePositives: 1, falseNegatives: 2 });
    expect(bio!.scores.ner!.f1).toBe(1);
  });

  test('is lower where a span ends inside a word', async () => {
    const [io] = await ceilings({
      ner: [
        ['A', 'un'],
        ['A', 'tres'],
      ],
    });
    expect(io!.scores.ner).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 1 });
  });

  test('is lower where a piece lies over a word of a span and one of none', async () => {
    const numbers = Int32Array.of(0, 1, 2, 3);
    const glued = {
      ...wordsOf(text),
      words: Int32Array.of(0, 2, 3, 4),
      lastWords: Int32Array.of(1, 2, 3, 4),
      firstPieces: Int32Array.of(0, 0, 1, 2, 3),
      starts: numbers, // not looked at
      ends: numbers,
    };
    const spans = document('a', text, { ner: [['A', 'uno'], ['A', 'tres cuatro']] }); // prettier-ignore
    const [io, bio] = await encodingCeilings([spans], [glued], twoTasks);
    expect(io!.scores.ner).toMatchObject({ truePositives: 0, falsePositives: 1, falseNegatives: 2 });
    expect(bio!.scores.ner).toMatchObject({ truePositives: 2, falsePositives: 1, falseNegatives: 0 });
  });

  test('is computed for outputs two alone where there is one task', async () => {
    const all = await encodingCeilings([document('a', text)], [wordsOf(text)], { ner: twoTasks.ner });
    expect(all.map(({ outputs }) => outputs)).toEqual(['perTask', 'perTask', 'perTask']);
  });

  test('follows how overlaps are decoded', async () => {
    const overlapping = document('a', text, {
      ner: [
        ['A', 'uno dos'],
        ['B', 'dos tres'],
      ],
    });
    const recall = async (overlap: 'allow' | 'best') => {
      const [io] = await encodingCeilings([overlapping], [wordsOf(text)], twoTasks, {
        overlap,
        pooling: 'mean',
      });
      return io!.scores.ner!.recall;
    };
    expect([await recall('allow'), await recall('best')]).toEqual([1, 0.5]);
  });
});
