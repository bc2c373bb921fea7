import { expect, test } from '@jest/globals';
import { spanLines } from '../../src/predict/spanTable.js';

const prediction = {
  name: 'a',
  text: '👩 jueza',
  spans: {
    ner: [{ label: 'A', start: 2, end: 7, score: 0.123456789 }],
    class: [{ label: 'X', start: 2, end: 7, score: 1 / 3 }],
  },
};
const candidate = (code: string, score: number, exact = false) => {
  return { code, score, exact, label: '', parts: {}, distance: null };
};
const mention = { text: 'jueza', label: 'A', start: 2, end: 7 };
const coded = [{ mention, coding: { code: '1', candidates: [candidate('1', Math.log(3), true), candidate('2', 0)] } }]; // prettier-ignore

test('a line of a span has its text by code points, and what a float32 knows of its score', () => {
  const place = { document: 'a', start: 2, end: 7, text: 'jueza' };
  expect(spanLines(prediction, [])).toEqual([
    { ...place, task: 'ner', label: 'A', score: 0.123457 },
    { ...place, task: 'class', label: 'X', score: 0.333333 },
  ]);
});

test('the task that codes are of has them, each with its share, and another with the same offsets has none', () => {
  const lines = spanLines(prediction, coded, { codedTask: 'ner' });
  expect(lines[0]).toMatchObject({
    code: '1',
    codes: [
      { code: '1', score: 1.09861, probability: 0.75, exact: true },
      { code: '2', score: 0, probability: 0.25, exact: false },
    ],
  });
  expect(lines[1]).not.toHaveProperty('codes');
  expect(lines[1]).not.toHaveProperty('code');
});

test('the probabilities of codes are calibrated where there is a calibration', () => {
  const calibration: [number, number][] = [[0.25, 0.1], [0.75, 0.6]]; // prettier-ignore
  const [line] = spanLines(prediction, coded, { codedTask: 'ner', calibration });
  expect(line!.codes!.map(({ probability }) => probability)).toEqual([0.6, 0.1]);
});
