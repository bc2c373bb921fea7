import { describe, expect, test } from '@jest/globals';
import { codeTable, lexicon } from '../../src/demo/lexicon.js';

describe('the lexicon', () => {
  test('has known words in every slot, none twice, and none that is both known and unseen', () => {
    for (const [slot, { known, unseen }] of Object.entries(lexicon)) {
      const words = [...known, ...unseen].map(({ text }) => text);
      expect([slot, known.length > 0, new Set(words).size]).toEqual([slot, true, words.length]);
    }
  });

  test('never holds out a word that another slot shows', () => {
    const slots = Object.values(lexicon);
    const known = new Set(slots.flatMap(({ known: words }) => words.map(({ text }) => text)));
    const unseen = slots.flatMap(({ unseen: words }) => words.map(({ text }) => text));
    expect(unseen.filter((word) => known.has(word))).toEqual([]);
  });
});

describe('the table of codes', () => {
  const table = codeTable();

  test('has a row per code, in ESCO or SNOMED CT form', () => {
    expect(new Set(table.map(({ code }) => code)).size).toBe(table.length);
    for (const { code } of table) expect(code).toMatch(/^(\d{1,4}(\.\d+)*|SCTID: \d+)$/);
  });

  test('separates the masculine and the feminine by a slash and lists both', () => {
    expect(table.find(({ code }) => code === '5131.2')).toEqual({
      code: '5131.2',
      label: 'camarero/camarera',
      alternatives: ['camarero', 'camarera', 'camarero de barra', 'camarera de barra'],
    });
  });

  test('has codes that only validation documents can need', () => {
    const coded = (which: 'known' | 'unseen') =>
      new Set(Object.values(lexicon).flatMap((words) => words[which].map(({ code }) => code)));
    const known = coded('known');
    expect([...coded('unseen')].filter((code) => !known.has(code)).length).toBeGreaterThan(3);
  });
});
