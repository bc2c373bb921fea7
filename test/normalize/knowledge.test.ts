import { describe, expect, test } from '@jest/globals';
import { codedMentions, gatherKnowledge } from '../../src/normalize/knowledge.js';
import { conceptsOf, formsOf } from '../../src/normalize/terminology.js';
import { matchKey } from '../../src/normalize/text.js';
import { document } from '../support/corpus.js';

describe('two texts', () => {
  test.each([
    ['Médico de Familia', 'medico  de\nfamilia'],
    ['me\u0301dico', 'médico'],
    ['trabaja (en paro)', 'trabaja en paro'],
    ['PEÓN', 'peon'],
  ])('are the same word for word: %j and %j', (a, b) => expect(matchKey(a)).toBe(matchKey(b)));

  test('of other words are not', () => expect(matchKey('peón')).not.toBe(matchKey('peones')));
});

describe('concepts', () => {
  test('gather the rows of a code, in order of the codes', () => {
    const rows = [
      { code: 'b', label: 'dos', alternatives: ['2'] },
      { code: 'a', label: 'uno', alternatives: [] },
      { code: 'b', label: 'segundo', alternatives: ['2', 'ii'] },
    ];
    expect(conceptsOf(rows)).toEqual([
      { code: 'a', labels: ['uno'], alternatives: [] },
      { code: 'b', labels: ['dos', 'segundo'], alternatives: ['2', 'ii'] },
    ]);
  });

  test('have the forms of a label between slashes', () => {
    expect(formsOf('enfermero/ enfermera /')).toEqual(['enfermero', 'enfermera']);
  });
});

/** A document whose mentions have codes. */
function coded(name: string, text: string, codes: [label: string, mention: string, code: string][]) {
  const made = document(name, text, { ner: codes.map(([label, mention]) => [label, mention]) });
  made.codes = codes.map(([, mention, code], i) => ({ ...made.spans.ner![i]!, text: mention, code }));
  return made;
}

describe('what training documents say', () => {
  const documents = [
    coded('one', 'Es juez y su madre es Juez.', [
      ['A', 'juez', '1'],
      ['A', 'Juez', '1'],
    ]),
    coded('two', 'Un albañil en paro.', [
      ['A', 'albañil', '2'],
      ['B', 'en paro', 'gone'],
    ]),
  ];

  test('are mentions with label and code, like ones counted together', () => {
    const { knowledge, invalid } = gatherKnowledge(documents, undefined, 'ner');
    expect(knowledge.mentions).toEqual([
      { text: 'albañil', label: 'A', code: '2', count: 1 },
      { text: 'en paro', label: 'B', code: 'gone', count: 1 },
      { text: 'juez', label: 'A', code: '1', count: 2 },
    ]);
    expect(knowledge.concepts.map(({ code }) => code)).toEqual(['1', '2', 'gone']);
    expect(invalid).toBe(0);
  });

  test('leave out, and count, mentions whose code is not valid', () => {
    const codes = ['1', '2'].map((code) => ({ code, label: `label ${code}`, alternatives: [] }));
    const { knowledge, invalid } = gatherKnowledge(documents, codes, 'ner');
    expect(knowledge.mentions.map(({ text }) => text)).toEqual(['albañil', 'juez']);
    expect(invalid).toBe(1);
  });

  test('have no label where the task has no span at those offsets', () => {
    expect(codedMentions(documents[0]!, 'class').map(({ label }) => label)).toEqual([undefined, undefined]);
  });
});
