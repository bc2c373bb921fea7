import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wordPieceTokenizer } from '../../src/data/tokenizers/wordPiece.js';
import type { SpansByDocument } from '../../src/eval/spans.js';
import { splitWords } from '../../src/data/words.js';
import { scoreWords } from '../../src/eval/words.js';
import { anySpans, scoredLabels, spansOf } from '../support/spans.js';

const words = new Map(['a', 'b', 'c'].map((name) => [name, splitWords('un dos, tres ocho')]));
const score = (gold: SpansByDocument, predicted: SpansByDocument) =>
  scoreWords(gold, predicted, scoredLabels, words);

/** Whether a label covers a word, asked for each word and label alone. */
function slowCounts(gold: SpansByDocument, predicted: SpansByDocument) {
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
  for (const [document, { wordStarts, wordEnds }] of words)
    for (let word = 0; gold.has(document) && word < wordStarts.length; word++)
      for (const label of scoredLabels) {
        const [truth, found] = [gold, predicted].map((side) =>
          (side.get(document) ?? []).some(
            (span) => span.label === label && span.start < wordEnds[word]! && span.end > wordStarts[word]!,
          ),
        );
        if (truth && found) counts.truePositives++;
        else if (found) counts.falsePositives++;
        else if (truth) counts.falseNegatives++;
      }
  return counts;
}

describe('scores by word', () => {
  test('are those of every word and label asked alone', () => {
    fc.assert(
      fc.property(anySpans(), anySpans(), (gold, predicted) => {
        expect(score(gold, predicted)).toMatchObject(slowCounts(gold, predicted));
      }),
    );
  });

  test('count a word that a span only touches', () => {
    expect(score(spansOf({ a: 'A 3 6' }), spansOf({ a: 'A 4 5' }))).toMatchObject({
      f1: 1,
      truePositives: 1,
    });
  });

  test('confuse the labels of words, and count the words without any', () => {
    const { confusion } = score(spansOf({ a: 'A 0 6' }), spansOf({ a: 'B 3 12' }));
    expect(confusion.counts).toEqual([
      [0, 1, 0, 1], // un missed, dos taken for B
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 2, 0, 1], // the comma and tres invented, ocho in neither
    ]);
  });

  test('leave out documents whose words are not known', () => {
    expect(score(spansOf({ d: 'A 0 6' }), new Map())).toMatchObject({ falseNegatives: 0 });
  });
});

describe('words', () => {
  test.each([
    'La madre, médica (jubilada) de 65-70 años.',
    '\ufeffPaciente\u00a0varón\r\n\tde 3 %; $5 ~ a+b=c `x` «cita» ¿no? 1º',
    'am\u00adbu\u00adlante y cafe\u0301 👩‍⚕️ 𝒳yz…',
  ])('are those of the tokenizer: %j', async (text) => {
    const { wordStarts, wordEnds } = await wordPieceTokenizer(['[UNK]']).encode(text);
    expect(splitWords(text)).toEqual({ wordStarts: [...wordStarts], wordEnds: [...wordEnds] });
  });
});
