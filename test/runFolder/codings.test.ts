import { expect, test } from '@jest/globals';
import type { Codings } from '../../src/formats/codings.js';
import { goldCandidates } from '../../src/runFolder/codings.js';

test('codes considered for gold mentions have their share of exp(score), and are right where the gold has them', () => {
  const codings: Codings = {
    task: 'ner',
    mentions: [
      {
        text: 'minero',
        label: 'A',
        neighbours: [],
        candidates: [
          { code: '1', score: Math.log(3), exact: false },
          { code: '2', score: 0, exact: false },
        ],
      },
      { text: 'minero', label: 'B', neighbours: [], candidates: [] },
    ],
  };
  const text = 'Es minero y pintor.';
  const codes = [
    { start: 3, end: 9, text: 'minero', code: '2' },
    { start: 12, end: 18, text: 'pintor', code: '3' }, // nothing spoke for it
  ];
  const spans = { ner: [{ label: 'A', start: 3, end: 9 }] };
  const considered = goldCandidates([{ name: 'a', text, spans, codes }], codings);
  expect(considered).toEqual([
    { document: 'a', isFirst: true, score: expect.closeTo(0.75, 12), right: false },
    { document: 'a', isFirst: false, score: expect.closeTo(0.25, 12), right: true },
  ]);
});
