import { describe, expect, test } from '@jest/globals';
import { exciseSentence, substituteSpan, type Excised } from '../../src/augment/substitute.js';
import { codePoints } from '../../src/data/codepoints.js';
import type { Document } from '../../src/data/document.js';
import { document, span } from '../support/corpus.js';

const text = 'Alta. 😀 El hijo, médico, corre y su madre, médica jefa, nada. Fin.';
const source: Document = {
  ...document('d', text, {
    ner: [
      ['A', 'médico'],
      ['B', 'corre'],
      ['A', 'médica jefa'],
    ],
    class: [
      ['X', 'corre'],
      ['Y', 'médica'],
    ],
  }),
  codes: [
    { ...span(text, '', 'corre'), text: 'corre', code: '1' },
    { ...span(text, '', 'médica jefa'), text: 'médica jefa', code: '2' },
  ].map(({ label: _, ...coded }) => coded),
};
const sentence = span(text, '', '😀 El hijo, médico, corre y su madre, médica jefa, nada.');
const excised = exciseSentence(source, sentence, span(text, '', 'corre'));
const run = { text: 'va a correr', codes: ['7', '8'] };

/** What the spans and codes of a sentence cover. */
function covered({ document: { text: whole, spans, codes } }: Excised) {
  const { slice } = codePoints(whole);
  return {
    whole,
    ...Object.fromEntries(
      Object.entries(spans).map(([task, all]) => [task, all.map(({ start, end }) => slice(start, end))]),
    ),
    codes: codes.map(({ start, end, text: written, code }) => [slice(start, end), written, code]),
  };
}

describe('exciseSentence', () => {
  test('makes a document of a sentence, with all that is in it at its new place', () => {
    expect(covered(excised)).toEqual({
      whole: '😀 El hijo, médico, corre y su madre, médica jefa, nada.',
      ner: ['médico', 'corre', 'médica jefa'],
      class: ['corre', 'médica'],
      codes: [
        ['corre', 'corre', '1'],
        ['médica jefa', 'médica jefa', '2'],
      ],
    });
  });

  test('leaves out what is in other sentences', () => {
    const first = exciseSentence(source, { start: 0, end: 5 }, { start: 0, end: 4 });
    expect(first.document).toEqual({ text: 'Alta.', spans: { ner: [], class: [] }, codes: [] });
  });
});

describe('substituteSpan', () => {
  test('shifts every later span, of all tasks and the NORM table, and lets the replaced one grow', () => {
    expect(covered(substituteSpan(excised, run)!)).toEqual({
      whole: '😀 El hijo, médico, va a correr y su madre, médica jefa, nada.',
      ner: ['médico', 'va a correr', 'médica jefa'],
      class: ['va a correr', 'médica'],
      codes: [
        ['va a correr', 'va a correr', '7'],
        ['va a correr', 'va a correr', '8'],
        ['médica jefa', 'médica jefa', '2'],
      ],
    });
  });

  test('lets what holds the span grow with it', () => {
    const inner = exciseSentence(
      { ...source, spans: { ...source.spans, class: [span(text, 'X', 'corre y su')] } },
      sentence,
      span(text, '', 'corre'),
    );
    expect(covered(substituteSpan(inner, run)!)).toMatchObject({ class: ['va a correr y su'] });
  });

  test.each([
    ['begins within', 'jefa'],
    ['ends within', 'madre, médica'],
    ['is within', 'médica'],
  ])('makes nothing where another span %s the replaced one', (_, other) => {
    const crossed = { ...source, spans: { ner: source.spans.ner!, class: [span(text, 'X', other)] } };
    const original = exciseSentence(crossed, sentence, span(text, '', 'médica jefa'));
    expect(substituteSpan(original, { text: 'juez', codes: [] })).toBeUndefined();
  });

  test.each([
    ['corre', 'Nadar', 'nadar'],
    ['Corre', 'ñoquis', 'Ñoquis'],
    ['corre', 'ONG', 'ONG'],
    ['corre', 'TV y radio', 'TV y radio'],
    ['3 deportes', 'Nadar', 'Nadar'],
  ])('for %p puts %p as %p: the first letter cased as the original’s', (original, substitute, expected) => {
    const whole = document('d', `Y ${original}.`, { ner: [['A', original]] });
    const [replaced] = whole.spans.ner!;
    const sentenceOf = exciseSentence(whole, { start: 0, end: whole.text.length }, replaced!);
    const made = substituteSpan(sentenceOf, { text: substitute, codes: [] })!;
    expect(made.document.text).toBe(`Y ${expected}.`);
  });
});
