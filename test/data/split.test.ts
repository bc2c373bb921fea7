import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from '../../src/data/random.js';
import {
  configuredSplit,
  readSplit,
  splitDocuments,
  twinsOfTraining,
  writeSplit,
} from '../../src/data/split.js';
import { InputError } from '../../src/errors.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const documents = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `d${index}`, text: `text ${index}`, spans: {} }));
const ninetyTen = { seed: 1, validationShare: 0.1 };

describe('a split', () => {
  test('has every document on one side, a tenth of them held out', () => {
    const { training, validation, seed } = splitDocuments(documents(200), ninetyTen);
    expect(seed).toBe(1);
    expect(validation).toHaveLength(20);
    expect([...training, ...validation].sort()).toEqual(
      documents(200)
        .map(({ name }) => name)
        .sort(),
    );
  });

  test('is drawn by the seed of splits where there is one, else by that of the run', async () => {
    const all = documents(50);
    const data = { split: null, splitSeed: null, validationShare: 0.1, folds: null, fold: null };
    expect(await configuredSplit(all, { seed: 1, data })).toEqual(splitDocuments(all, ninetyTen));
    expect(await configuredSplit(all, { seed: 2, data: { ...data, splitSeed: 1 } })).toEqual(
      splitDocuments(all, ninetyTen),
    );
  });

  test('is the same for the same seed, in whatever order the documents come', () => {
    const all = documents(50);
    const split = splitDocuments(all, ninetyTen);
    expect(splitDocuments(randomFrom(9).shuffle(all), ninetyTen)).toEqual(split);
    expect(splitDocuments(all, { ...ninetyTen, seed: 2 }).validation).not.toEqual(split.validation);
  });

  test('with a share of 0 has all documents to train on, and none to validate', () => {
    const { training, validation } = splitDocuments(documents(3), { seed: 1, validationShare: 0 });
    expect([training, validation]).toEqual([['d0', 'd1', 'd2'], []]);
  });

  test('keeps documents with the same text together, whatever they are', () => {
    const corpora = fc.array(fc.nat(8), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(
        corpora,
        fc.nat(),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (texts, seed, validationShare) => {
          fc.pre(new Set(texts).size > 1);
          const all = texts.map((text, index) => ({ name: `d${index}`, text: String(text) }));
          const { training, validation } = splitDocuments(all, { seed, validationShare });
          expect(training.length + validation.length).toBe(all.length);
          expect(training.length).toBeGreaterThan(0);
          expect(validation.length).toBeGreaterThan(0);
          const textsOf = (names: string[]) =>
            new Set(all.filter(({ name }) => names.includes(name)).map(({ text }) => text));
          for (const text of textsOf(validation)) expect(textsOf(training).has(text)).toBe(false);
        },
      ),
    );
  });

  test('tells which held-out documents have twins that train', () => {
    const letters = 'a b c d e f g h i j k l';
    const twin = (ending: string) => letters.replace('k l', ending);
    const texts = { a: letters, b: twin('x y'), c: twin('v w'), d: 'other', e: 'another', f: 'another' };
    const all = Object.entries(texts).map(([name, text]) => ({ name, text }));
    const split = { seed: 1, training: ['a', 'd'], validation: ['c', 'e'], test: ['b', 'f'] };
    expect(twinsOfTraining(all, split)).toEqual(['b', 'c']);
    expect(twinsOfTraining(all, { ...split, training: ['d'], validation: ['a', 'c', 'e'] })).toEqual([]);
  });

  test('holds out the share that was asked for, rounded to the nearest number of documents', () => {
    const held = (count: number, validationShare: number) =>
      splitDocuments(documents(count), { seed: 1, validationShare }).validation.length;
    expect([held(12, 0.3), held(12, 0.4), held(10, 0.25), held(9, 0.25)]).toEqual([4, 5, 3, 2]);
  });

  test('holds out the fewest documents of one text where all are more than the share', () => {
    const texts = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'c', 'c'];
    const all = texts.map((text, i) => ({ name: `d${i}`, text, spans: {} }));
    for (let seed = 1; seed <= 5; seed++)
      expect(splitDocuments(all, { seed, validationShare: 0.1 }).validation).toEqual(['d3', 'd4']);
  });

  test('of few documents still holds one out', () => {
    const { training, validation } = splitDocuments(documents(2), ninetyTen);
    expect([training.length, validation.length]).toEqual([1, 1]);
    expect(splitDocuments(documents(2), { seed: 1, validationShare: 0.99 }).training).toHaveLength(1);
  });

  test.each([
    ['one document', documents(1), 0.1, '1 document with 1 different text and data.validationShare 0.1'],
    [
      'twins alone',
      [...documents(1), { name: 'twin', text: 'text 0', spans: {} }],
      0.5,
      '2 documents with 1 different text',
    ],
    ['a share of 1', documents(5), 1, 'data.validationShare 1'],
    ['no documents', [], 0.1, '0 documents'],
  ])('cannot be made of %s', (_, all, validationShare, reason) => {
    const split = () => splitDocuments(all, { seed: 1, validationShare });
    expect(split).toThrow(InputError);
    expect(split).toThrow(reason);
    expect(split).toThrow('leaves one side empty');
  });
});

describe('a split file', () => {
  const split = { seed: 3, training: ['d0', 'd2'], validation: ['d1'] };
  const write = (content: unknown) =>
    join(
      writeFiles(folder(), { 'split.json': typeof content === 'string' ? content : JSON.stringify(content) }),
      'split.json',
    );

  test('comes back as it was written', async () => {
    const file = join(folder(), 'new', 'split.json');
    await writeSplit(file, split);
    expect(await readSplit(file, documents(3))).toEqual(split);
    expect(readFileSync(file, 'utf8').endsWith('}\n')).toBe(true);
  });

  test('may have test documents, and none to validate', async () => {
    const whole = { seed: 3, training: ['d0', 'd2'], validation: [], test: ['d1'] };
    expect(await readSplit(write(whole), documents(3))).toEqual(whole);
  });

  test('is checked against a corpus only where one is given', async () => {
    expect(await readSplit(write(split))).toEqual(split);
  });

  test.each([
    [{ ...split, training: ['d0', 'd1', 'd2'] }, '1 document in both training and validation (d1)'],
    [{ ...split, training: ['d0', 'd2', 'd0'] }, '1 document twice in training (d0)'],
    [{ ...split, validation: ['d1', 'd1'] }, '1 document twice in validation (d1)'],
    [{ ...split, training: ['d0', 'd2', 'w', 'x', 'y', 'z'] }, '4 documents not in the corpus (w, x, y, …)'],
    [{ ...split, training: ['d0'] }, '1 document of the corpus in neither training nor validation (d2)'],
    [{ ...split, test: ['d2'] }, '1 document in both training and test (d2)'],
    [{ ...split, test: ['d1'] }, '1 document in both validation and test (d1)'],
    [{ ...split, test: ['x'] }, '1 document not in the corpus (x)'],
  ])('with the documents %j is refused', async (content, reason) => {
    const file = write(content);
    const message = `${file}: ${reason}; correct the split, or draw a new one.`;
    await expect(readSplit(file, documents(3))).rejects.toThrow(new InputError(message));
  });

  test.each([
    ['{"seed": 1,', 'it is not JSON ('],
    ['null', 'cannot be read as a split: the file: expected object, received null'],
    ['[]', 'cannot be read as a split: the file: expected object, received array'],
    [{ ...split, seed: '3' }, 'seed: expected number, received string; it needs `seed`, a whole number'],
    [{ ...split, training: 'd0' }, 'training: expected array, received string'],
    [{ ...split, validation: [1] }, 'validation[0]: expected string, received number'],
    [{ seed: 3, training: ['d0'] }, 'validation is missing'],
    [{ ...split, training: [] }, 'no document in `training`.'],
    [{ ...split, test: [] }, 'no document in `test`; leave it out where there is none.'],
    [{ ...split, validation: ['../d1'] }, 'validation[0]: no document has such a name'],
    [{ ...split, training: ['a\0'] }, 'training[0]: no document has such a name'],
    [{ ...split, test: 'd3' }, 'test: expected array, received string'],
  ])('that holds %j is refused', async (content, reason) => {
    const file = write(content);
    await expect(readSplit(file)).rejects.toThrow(InputError);
    await expect(readSplit(file)).rejects.toThrow(reason);
  });

  test('that is missing is named', async () => {
    await expect(readSplit('/no/split.json')).rejects.toThrow(
      '/no/split.json cannot be read: it does not exist.',
    );
  });
});
