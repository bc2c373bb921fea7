import { describe, expect, test } from '@jest/globals';
import type { Documents, ReportSpan } from '../../src/report/data.js';
import { createFinder, type Filter, type Order } from '../../src/report/page/documents/filter.js';

/** A document whose gold is an A at 0 to 4, and what was predicted in it. */
const document = (name: string, predicted: ReportSpan[]) => ({
  name,
  text: 'Jefe pinta',
  gold: [[[0, 4, 'A'] as ReportSpan]],
  predicted: [[predicted]],
});

const documents: Documents = {
  tracks: [{ track: 'ner', labels: ['A'] }],
  systems: ['run'],
  documents: [
    document('right', [[0, 4, 'A', null, 0.6]]),
    document('wrong', [[5, 10, 'A', null, 0.7]]),
    document('surely wrong', [
      [0, 4, 'A', null, 0.95],
      [5, 10, 'A', null, 0.9],
    ]),
    document('missed', []),
  ],
  concepts: {},
  codings: [],
};

const all: Filter = { system: 0, track: 0, kind: 'all', label: '', document: '', text: '', order: 'corpus' };
const found = (order: Order, kind: Filter['kind'] = 'all') =>
  createFinder(documents)({ ...all, order, kind });
const names = (...given: Parameters<typeof found>) =>
  found(...given).documents.map((one) => one.document.name);

describe('documents of a report', () => {
  test('stand in their order, by their surest errors, or by what is least sure', () => {
    expect(names('corpus')).toEqual(['right', 'wrong', 'surely wrong', 'missed']);
    expect(names('surest')).toEqual(['surely wrong', 'wrong', 'right', 'missed']);
    expect(names('unsure')).toEqual(['right', 'wrong', 'surely wrong', 'missed']);
  });

  test('are walked through in the order in which they stand', () => {
    const { documents: shown, stops } = found('surest', 'invented');
    expect(
      stops.map(({ document, pair }) => [
        shown[document]!.document.name,
        shown[document]!.pairs[pair]!.predicted!.score,
      ]),
    ).toEqual([
      // prettier-ignore
      ['surely wrong', 0.9],
      ['wrong', 0.7],
    ]);
  });
});
