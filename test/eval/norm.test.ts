import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateNorm } from '../../src/eval/evaluation.js';
import { candidateRecall, scoreNorm, type NormEntry } from '../../src/eval/norm.js';
import { expectOutcomesThatSumUp } from '../support/scorerCases.js';

const anyRows = fc.array(
  fc.record({
    filename: fc.constantFrom('a', 'b', 'c'),
    text: fc.constantFrom('médico', 'médico', 'taxista', '', 'NA'),
    span: fc.constantFrom('0 6', '2 6', '8 12', '08 12'),
    code: fc.constantFrom('2211.1', '2212', 'SCTID: 1', 'NIL'),
  }),
  { maxLength: 12 },
);
const validCodes = new Set(['2211.1', '2212', 'SCTID: 1']);

/** Goes through the rows one by one, as written. */
function slowScore(gold: NormEntry[], predicted: NormEntry[]) {
  const key = ({ filename, span, code }: NormEntry) => JSON.stringify([filename, span, code]);
  const first = (rows: NormEntry[]) =>
    rows.filter((row, index) => rows.findIndex((other) => key(other) === key(row)) === index);
  const truth = first(gold);
  const found = first(predicted)
    .filter(({ filename }) => gold.some((row) => row.filename === filename))
    .filter(({ code }) => code !== 'NIL');
  const hasText = ({ text }: NormEntry) => text !== '' && text !== 'NA';
  const right = found.filter(
    (row) => hasText(row) && truth.some((other) => key(other) === key(row) && hasText(other)),
  ).length;
  return {
    truePositives: right,
    falsePositives: found.length - right,
    falseNegatives: truth.length - right,
  };
}

describe('scores of codes', () => {
  test('are those of rows compared one by one', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (gold, predicted) => {
        expect(scoreNorm(gold, predicted, validCodes)).toMatchObject(slowScore(gold, predicted));
      }),
    );
  });

  test('take offsets for the span that a file would write', () => {
    const row = { filename: 'a', text: 'médico', code: '2211.1' };
    const gold = [{ ...row, span: '0 6' }];
    expect(scoreNorm(gold, [{ ...row, span: { start: 0, end: 6 } }]).f1).toBe(1);
  });

  test('take every code for valid where no valid ones are given, and say which it was', () => {
    const rows = [{ filename: 'a', text: 'médico', span: '0 6', code: 'NIL' }];
    expect(scoreNorm(rows, rows)).toMatchObject({
      f1: 1,
      semantics: 'MEDDOPROF official, micro, exact span and code',
    });
    expect(scoreNorm(rows, rows, validCodes)).toMatchObject({
      f1: 0,
      semantics: 'MEDDOPROF official, micro, exact span and code, valid codes only',
    });
  });

  test('are given by code, too', () => {
    const row = { filename: 'a', text: 'médico', span: '0 6', code: '2211.1' };
    const { perLabel } = scoreNorm([row], [{ ...row, code: '2212' }]);
    expect(perLabel).toMatchObject({ '2211.1': { falseNegatives: 1 }, '2212': { falsePositives: 1 } });
  });
});

describe('the evaluation of codes', () => {
  const at = (filename: string, span: string, code: string) => ({ filename, text: 'x', span, code });
  const gold = [at('a', '0 1', '2211'), at('a', '2 3', '2212'), at('b', '0 1', 'SCTID: 1')];

  test('has the scores of each terminology, and of codes that training has', () => {
    const predicted = [at('a', '0 1', '2211'), at('a', '2 3', 'SCTID: 1'), at('b', '0 1', 'SCTID: 1')];
    const { groups } = evaluateNorm(gold, predicted, undefined, { seenCodes: new Set(['2211', 'SCTID: 1']) });
    expect(Object.keys(groups!)).toEqual(['ESCO', 'SNOMED CT', 'seen in training', 'not seen']);
    expect(groups).toMatchObject({
      ESCO: { truePositives: 1, falsePositives: 0, falseNegatives: 1, recall: 0.5 },
      'SNOMED CT': { truePositives: 1, falsePositives: 1, falseNegatives: 0, precision: 0.5 },
      'seen in training': { truePositives: 2, falsePositives: 1, falseNegatives: 0 },
      'not seen': { truePositives: 0, falsePositives: 0, falseNegatives: 1 },
    });
    expect(Object.keys(evaluateNorm(gold, predicted).groups!)).toEqual(['ESCO', 'SNOMED CT']);
  });

  test('tells how many codes are among the candidates for their spans', () => {
    const predicted = [
      { ...at('a', '0 1', '2212'), candidates: ['2212', '2211'] },
      { ...at('a', '2 4', '2212'), candidates: ['2212'] }, // another span
      { ...at('b', '0 1', '1'), candidates: ['1', '2'] },
    ];
    expect(candidateRecall([...gold, gold[0]!], predicted)).toBe(1 / 3);
    expect(candidateRecall([], predicted)).toBe(0);
  });

  test('finds every row in one kind of error, those without text included', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (gold, predicted) => {
        expectOutcomesThatSumUp(evaluateNorm(gold, predicted, validCodes));
      }),
    );
  });

  test('lists the codes that were taken for each other', () => {
    const rows = ['0 6', '8 12'].map((span) => ({ filename: 'a', text: 'médico', span, code: '2211.1' }));
    const predicted = rows.map((row) => ({ ...row, code: '2212' }));
    const { confused, errors } = evaluateNorm(rows, predicted);
    expect(confused).toEqual([{ gold: '2211.1', predicted: '2212', count: 2 }]);
    expect(errors.outcomes.label).toBe(2);
  });
});
