import { describe, expect, test } from '@jest/globals';
import { sentencesOf } from '../../src/data/sentences.js';
import { codePoints } from '../../src/data/codepoints.js';
import { span } from '../support/corpus.js';

function cut(text: string, ...mentions: string[]): string[] {
  const points = codePoints(text);
  const spans = mentions.map((mention) => span(text, 'A', mention));
  return sentencesOf(text, spans).map(({ start, end }) => points.slice(start, end));
}

describe('sentencesOf', () => {
  test('cuts at full stops and line breaks, without the white space around', () => {
    expect(cut('Varón de 3 años. Practica pesas.\n\n Madre médica \n')).toEqual([
      'Varón de 3 años.',
      'Practica pesas.',
      'Madre médica',
    ]);
  });

  test('does not cut within a span', () => {
    expect(cut('Es prof. Titular de la Univ. Central. Vive solo.', 'prof. Titular', 'Univ. Central')).toEqual(
      ['Es prof. Titular de la Univ. Central.', 'Vive solo.'],
    );
  });

  test('counts code points', () => {
    expect(sentencesOf('😀 sí. Corre.', [])).toEqual([
      { start: 0, end: 5 },
      { start: 6, end: 12 },
    ]);
  });

  test('finds none in white space', () => {
    expect(cut(' \n\t ')).toEqual([]);
  });
});
