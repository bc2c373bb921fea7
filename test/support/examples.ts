import type { Example } from '../../src/data/examples.js';
import { outputsOf } from '../../src/data/labels.js';
import { sigmoidHead } from '../../src/model/heads/sigmoid.js';
import { words } from './words.js';

const tasks = { ner: { labels: ['A', 'B'] }, class: { labels: ['X'] } };
/** The sigmoid head of the tasks `ner` (labels A, B) and `class` (label X). */
export const twoOutputs = sigmoidHead(outputsOf(tasks, 'IO', 'perTask'), 4);

/**
 * A document of `wordCount` words of nine characters, each cut into `piecesPerWord` pieces with ids from 10
 * on. `spans`: the words that have a span of their own, labelled A (`ner`) or X (`class`).
 */
export function example({
  wordCount,
  piecesPerWord = 1,
  spans = {},
}: {
  wordCount: number;
  piecesPerWord?: 1 | 2 | 3;
  spans?: { ner?: number[]; class?: number[] };
}): Example {
  const { wordStarts, wordEnds } = words(wordCount);
  const pieces = { length: wordCount * piecesPerWord };
  const word = (piece: number) => Math.floor(piece / piecesPerWord);
  const part = 9 / piecesPerWord;
  const starts = Int32Array.from(pieces, (_, i) => word(i) * 10 + Math.floor((i % piecesPerWord) * part));
  const ends = Int32Array.from(pieces, (_, i) => word(i) * 10 + Math.floor(((i % piecesPerWord) + 1) * part));
  const spansOf = (label: string, marked: number[] = []) =>
    marked.map((index) => ({ label, start: wordStarts[index]!, end: wordEnds[index]! }));
  const labelled = { ner: spansOf('A', spans.ner), class: spansOf('X', spans.class) };
  const encoded = {
    ids: Int32Array.from(pieces, (_, i) => 10 + i),
    starts,
    ends,
    wordStarts,
    wordEnds,
    words: Int32Array.from(pieces, (_, i) => word(i)),
    lastWords: Int32Array.from(pieces, (_, i) => word(i)),
    firstPieces: Int32Array.from({ length: wordCount }, (_, i) => i * piecesPerWord),
  };
  return {
    name: 'example',
    text: Array.from({ length: wordCount }, () => 'palabraaa').join(' '),
    encoded,
    targets: twoOutputs.targetsOf(labelled, encoded),
    spans: labelled,
  };
}
