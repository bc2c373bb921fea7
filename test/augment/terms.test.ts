import { describe, expect, test } from '@jest/globals';
import { makeCandidates } from '../../src/augment/candidates.js';
import { openTerms } from '../../src/augment/terms.js';
import { randomFrom } from '../../src/data/random.js';
import { document } from '../support/corpus.js';

const rows = [
  { code: '2221', label: 'enfermero/enfermera', alternatives: ['ATS', 'enfermera'] },
  { code: '2230.1', label: 'acupuntor/acupuntora', alternatives: ['técnico en medicina tradicional china'] },
  { code: '5132', label: 'barman/barmaid', alternatives: [] },
];
const textsOf = (terms: { text: string }[]) => terms.map(({ text }) => text);

describe('the terms for a mention', () => {
  const near = openTerms(rows, { nearCode: 2, mostWords: 4 });

  test('are what concepts are called whose codes begin as its own, each form once, the long ones left out', () => {
    expect(near(['2211.3'])).toEqual([
      { text: 'enfermero', codes: ['2221'] },
      { text: 'enfermera', codes: ['2221'] },
      { text: 'ATS', codes: ['2221'] },
      { text: 'acupuntor', codes: ['2230.1'] },
      { text: 'acupuntora', codes: ['2230.1'] },
    ]);
  });

  test('are of any of its codes, and none where it has none or nothing is near', () => {
    expect(textsOf(near(['5120', '5131', '9999']))).toEqual(['barman', 'barmaid']);
    expect(near([])).toEqual([]);
    expect(near(['9999'])).toEqual([]);
  });

  test('are all where codes need nothing in common', () => {
    expect(openTerms(rows, { nearCode: 0, mostWords: 9 })(['x'])).toHaveLength(8);
  });

  test('stand in its place, with its case and their codes, and no mention does', () => {
    const documents = [
      { ...document('a', 'Médico rural. Come.', { ner: [['A', 'Médico']] }) },
      { ...document('b', 'Su camarero fuma.', { ner: [['A', 'camarero']] }) },
      { ...document('c', 'Es fontanero.', { ner: [['A', 'fontanero']] }) },
    ];
    documents[0]!.codes.push({ start: 0, end: 6, text: 'Médico', code: '2211' });
    documents[1]!.codes.push({ start: 3, end: 11, text: 'camarero', code: '5131' });
    const options = { task: 'ner', label: 'A', substituteCount: 9, termsFor: near, tries: 10 };
    const { candidates, substitutes } = makeCandidates(documents, options, randomFrom(1));
    expect(substitutes).toBe(7);
    expect(candidates.map(({ sentence }) => sentence.document.text).sort()).toEqual([
      'ATS rural.',
      'Acupuntor rural.',
      'Acupuntora rural.',
      'Enfermera rural.',
      'Enfermero rural.',
      'Su barmaid fuma.',
      'Su barman fuma.',
    ]);
    const barman = candidates.find(({ substitute }) => substitute === 'barman')!;
    expect(barman).toMatchObject({ sources: [], origins: [] });
    expect(barman.sentence.document.codes).toEqual([{ start: 3, end: 9, text: 'barman', code: '5132' }]);
    expect(barman.sentence.document.spans.ner).toEqual([{ label: 'A', start: 3, end: 9 }]);
  });
});
