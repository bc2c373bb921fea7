import { describe, expect, test } from '@jest/globals';
import type { Document } from '../../src/data/document.js';
import { corpusFacts } from '../../src/data/facts.js';
import { document, twoTasks } from '../support/corpus.js';

const facts = (...documents: Document[]) => corpusFacts({ documents, unsorted: [] }, twoTasks);

describe('the facts of a corpus', () => {
  test('count its documents by what their texts hold', () => {
    const texts = ['\ufeffuno', 'dos\r\n', 'e\u0301l', '👩', ' \n', 'uno'];
    const counted = facts(...texts.map((text, index) => document(`d${index}`, text)));
    expect(counted).toMatchObject({
      documents: 6,
      codePoints: 4 + 5 + 3 + 1 + 2 + 3,
      longest: { name: 'd1', codePoints: 5 },
      emptyTexts: 1,
      byteOrderMarks: 1,
      combiningMarks: 1,
      carriageReturns: 1,
      astral: 1,
      twins: [],
    });
  });

  test('name the documents that have the same text', () => {
    const same = ['a', 'b', 'c'].map((name) => document(name, 'igual'));
    expect(facts(...same, document('d', 'otro')).twins).toEqual([['a', 'b', 'c']]);
  });

  test('count spans per label, labels without one included', () => {
    const { tasks } = facts(
      document('a', 'uno dos', {
        ner: [
          ['A', 'uno'],
          ['A', 'dos'],
        ],
        class: [['X', 'uno']],
      }),
      document('b', 'tres'),
    );
    expect(tasks.ner).toMatchObject({ spans: 2, perLabel: { A: 2, B: 0 }, documentsWithoutSpans: 1 });
    expect(tasks.class).toMatchObject({ spans: 1, perLabel: { X: 1, Y: 0 }, documentsWithoutSpans: 1 });
  });

  test('tell nested pairs from crossing ones and from two labels at the same offsets', () => {
    const { tasks } = facts(
      document('a', 'uno dos tres cuatro cinco', {
        ner: [
          ['A', 'uno dos tres'],
          ['B', 'uno dos tres'],
          ['A', 'dos'],
          ['A', 'tres cuatro'],
          ['A', 'cinco'],
        ],
      }),
    );
    expect(tasks.ner).toMatchObject({ equalPairs: 1, nestedPairs: 2, crossingPairs: 2 });
  });

  test('do not take neighbouring spans for overlapping ones', () => {
    const { tasks } = facts(
      document('a', 'unodos', {
        ner: [
          ['A', 'uno'],
          ['A', 'dos'],
        ],
      }),
    );
    expect(tasks.ner).toMatchObject({ equalPairs: 0, nestedPairs: 0, crossingPairs: 0 });
  });

  test('list spans that some tasks have and others do not', () => {
    const { unlikeSpans } = facts(
      document('a', 'uno dos', {
        ner: [['A', 'uno']],
        class: [
          ['X', 'uno'],
          ['Y', 'dos'],
        ],
      }),
    );
    expect(unlikeSpans).toEqual([{ document: 'a', start: 4, end: 7, tasks: ['class'] }]);
  });

  test('list spans that one of three tasks lacks, and none where there is one task', () => {
    const three = Object.fromEntries(['ner', 'class', 'whose'].map((task) => [task, { labels: ['A'] }]));
    const spans: [string, string][] = [['A', 'uno'], ['A', 'dos']]; // prettier-ignore
    const given = { documents: [document('a', 'uno dos', { ner: spans, class: spans, whose: [['A', 'dos']] })], unsorted: [] }; // prettier-ignore
    expect(corpusFacts(given, three).unlikeSpans).toEqual([
      { document: 'a', start: 0, end: 3, tasks: ['ner', 'class'] },
    ]);
    expect(corpusFacts(given, { ner: { labels: ['A'] } }).unlikeSpans).toEqual([]);
  });

  test('take a NORM row for one with a span where any task has it', () => {
    const coded = document('a', 'uno dos', { ner: [['A', 'uno']], class: [['X', 'dos']] });
    coded.codes = [{ start: 4, end: 7, text: 'dos', code: '1' }];
    expect(facts(coded).norm).toEqual({ rows: 1, codes: 1, withoutSpan: 0 });
  });

  test('count NORM rows, codes and rows without a span', () => {
    const coded = document('a', 'uno dos', { ner: [['A', 'uno']] });
    coded.codes = [
      { start: 0, end: 3, text: 'uno', code: '1' },
      { start: 4, end: 7, text: 'dos', code: '1' },
    ];
    expect(facts(coded).norm).toEqual({ rows: 2, codes: 1, withoutSpan: 1 });
  });

  test('of nothing are zeros', () => {
    expect(facts()).toMatchObject({ documents: 0, codePoints: 0, longest: null, norm: { rows: 0 } });
  });
});
