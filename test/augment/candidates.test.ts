import { describe, expect, test } from '@jest/globals';
import { makeCandidates } from '../../src/augment/candidates.js';
import { randomFrom } from '../../src/data/random.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { document } from '../support/corpus.js';

const documents = [
  document('a', 'Corre mucho. No fuma.', { ner: [['A', 'Corre']] }),
  document('b', 'Él corre. Ella nada en el mar.', {
    ner: [
      ['A', 'corre'],
      ['A', 'nada'],
    ],
  }),
  document('c', 'Baila con ella.', { ner: [['A', 'Baila']] }),
  document('d', 'Es médica.', { ner: [['B', 'médica']] }),
];
const options = { task: 'ner', label: 'A', substituteCount: 1, tries: 10 };
const make = (changes = {}, seed = 1) =>
  makeCandidates(documents, { ...options, ...changes }, randomFrom(seed));
const textsOf = ({ candidates }: ReturnType<typeof make>) =>
  candidates.map(({ sentence }) => sentence.document.text).sort();

describe('makeCandidates', () => {
  test('puts every rare mention into the sentences of the others', () => {
    expect(textsOf(make())).toEqual(
      [
        'Nada mucho.',
        'Baila mucho.',
        'Él nada.',
        'Él baila.',
        'Ella baila en el mar.',
        'Nada con ella.',
      ].sort(),
    );
  });

  test('puts in mentions as frequent as it is told, counted without case', () => {
    expect(textsOf(make({ substituteCount: 2 }))).toContain('Corre con ella.');
    expect(make().substitutes).toBe(2);
    expect(make({ substituteCount: 2 }).substitutes).toBe(3);
  });

  test('makes as many of an original as it may try', () => {
    const { candidates, originals } = make({ tries: 1 });
    expect(candidates.map(({ original }) => original)).toEqual(originals);
  });

  test('says where the original and the substitute come from', () => {
    const [first] = make().candidates;
    expect(first!.original).toMatchObject({ label: 'A', document: 'a', start: 0, end: 5, text: 'Corre' });
    expect(first!.sources).toEqual([first!.substitute === 'Nada' ? 'b' : 'c']);
  });

  test('makes the same of a seed, and other things of another', () => {
    const { documents: many } = generateCorpus({ seed: 1, documents: 60 });
    const draw = (seed: number) =>
      makeCandidates(many, { ...options, label: 'PROFESION', tries: 2 }, randomFrom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(textsOf(draw(1))).not.toEqual(textsOf(draw(2)));
  });

  test('makes no sentence twice, and none that is there already', () => {
    const { documents: many } = generateCorpus({ seed: 1, documents: 60 });
    const { candidates } = makeCandidates(many, { ...options, label: 'PROFESION' }, randomFrom(1));
    const texts = candidates.map(({ sentence }) => sentence.document.text);
    expect(texts.length).toBeGreaterThan(100);
    expect(new Set(texts).size).toBe(texts.length);
    const whole = many.map(({ text }) => text).join('\n');
    expect(texts.filter((text) => whole.includes(`\n${text}\n`))).toEqual([]);
  });

  test('makes none of a mention that is a sentence of its own, but puts it into others', () => {
    const alone = [...documents, document('e', 'Esquiar.', { ner: [['A', 'Esquiar']] })];
    const made = makeCandidates(alone, options, randomFrom(1));
    expect(made.mentions).toBe(5);
    expect(made.originals.map(({ document: name }) => name)).toEqual(['a', 'b', 'b', 'c']);
    expect(textsOf(made)).toContain('Esquiar mucho.');
  });

  test('puts in no half of a bracket', () => {
    const cut = [...documents, document('e', 'Rema (mar) y va (mucho).', { ner: [['A', 'va (mucho'], ['A', 'Rema (mar)']] })]; // prettier-ignore
    const { candidates } = makeCandidates(cut, options, randomFrom(1));
    const substitutes = candidates.map(({ substitute }) => substitute.toLowerCase());
    expect(substitutes).toContain('rema (mar)');
    expect(substitutes).not.toContain('va (mucho');
  });

  test('replaces no half of a bracket', () => {
    const half = document('e', 'Vive de correr (robos) y demás.', { ner: [['A', 'correr (robos']] });
    const { candidates, mentions } = makeCandidates([half, ...documents], options, randomFrom(1));
    expect(mentions).toBe(5);
    expect(new Set(candidates.map(({ original }) => original.document))).toEqual(new Set(['a', 'b', 'c']));
  });

  test('puts nothing beside a word that it has itself, whatever its case, but for short ones', () => {
    const some = [
      document('a', 'Sale a correr y a BOXEAR.', { ner: [['A', 'Sale a correr']] }),
      document('b', 'Le gusta ir al gimnasio y a boxear.', { ner: [['A', 'ir al gimnasio y a boxear']] }),
      document('c', 'Quiso ir al mar.', { ner: [['A', 'ir al mar']] }),
    ];
    const { candidates } = makeCandidates(some, options, randomFrom(1));
    expect(candidates.map(({ sentence }) => sentence.document.text).sort()).toEqual([
      'Ir al mar y a BOXEAR.',
      'Le gusta ir al mar.',
      'Le gusta sale a correr.',
      'Quiso ir al gimnasio y a boxear.',
      'Quiso sale a correr.',
    ]);
  });

  test('puts nothing beside a word of four letters that it has itself, and a word of three it does', () => {
    const some = [
      document('a', 'Corre o nada.', { ner: [['A', 'Corre']] }),
      document('b', 'Ella nada y él va al mar.', { ner: [['A', 'nada'], ['A', 'va al mar']] }), // prettier-ignore
      document('c', 'Rema en el mar.', { ner: [['A', 'Rema']] }),
    ];
    const { candidates } = makeCandidates(some, options, randomFrom(1));
    const texts = candidates.map(({ sentence }) => sentence.document.text);
    expect(texts).not.toContain('Nada o nada.');
    expect(texts).toEqual(expect.arrayContaining(['Va al mar en el mar.', 'Nada en el mar.']));
  });

  test.each([
    ['guillemet', 'Rema «mar» y va «mucho.', 'va «mucho', 'Rema «mar»'],
    ['quotation mark', 'Rema "mar" y va "mucho.', 'va "mucho', 'Rema "mar"'],
  ])('puts in no half of a pair: a %s', (_, text, half, whole) => {
    const cut = [...documents, document('e', text, { ner: [['A', half], ['A', whole]] })]; // prettier-ignore
    const { candidates } = makeCandidates(cut, options, randomFrom(1));
    const substitutes = candidates.map(({ substitute }) => substitute.toLowerCase());
    expect(substitutes).toContain(whole.toLowerCase());
    expect(substitutes).not.toContain(half);
  });

  test('makes none of a label that only one mention has', () => {
    expect(make({ label: 'B' })).toMatchObject({ substitutes: 1, candidates: [] });
  });
});
