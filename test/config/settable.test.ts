import { expect, test } from '@jest/globals';
import { checkSettable } from '../../src/config/settable.js';
import { UsageError } from '../../src/errors.js';

const check = (...set: string[]) => checkSettable('fold', set, ['data.fold', 'decoding', 'model.spans']);

test('a command takes the options that it reads, and what is below them', () => {
  expect(() => check('data.fold=2', 'decoding.threshold=.4', 'decoding={overlap: best}')).not.toThrow();
  expect(() => check('model={spans: {longest: 4, size: 8}}')).not.toThrow();
});

test.each([
  ['data.folds=3', 'data.folds'],
  ['data={fold: 1, folds: 3}', 'data.folds'],
  ['data=3', 'data'],
  ['model={spans: {longest: 4}, head: crf}', 'model.head'],
  ['model={}', 'model'],
])('a command takes no other, if only its name begins alike: %s', (setting, other) => {
  expect(() => check('decoding.threshold=.4', setting)).toThrow(UsageError);
  expect(() => check(setting)).toThrow(
    `fold takes --set data.fold, decoding, model.spans only, and not ${other}`,
  );
});

test('an option that is meant is named', () => {
  expect(() => check('longest=3')).toThrow('and not longest; did you mean model.spans.longest?');
});
