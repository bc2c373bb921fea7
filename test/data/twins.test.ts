import { expect, test } from '@jest/globals';
import { randomFrom } from '../../src/data/random.js';
import { groupTwins } from '../../src/data/twins.js';

const namesOf = (texts: Record<string, string>) =>
  groupTwins(Object.entries(texts).map(([name, text]) => ({ name, text }))).map((group) =>
    group.map(({ name }) => name),
  );
const letters = 'a b c d e f g h i j k l';

test('documents with the same text are twins, however many and however short', () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}`, '¡!']));
  expect(namesOf(many)).toHaveLength(1);
  expect(namesOf({ b: 'Uno.', a: 'Uno.', c: 'Dos.' })).toEqual([['a', 'b'], ['c']]);
});

test('documents that are nearly the same are twins, however many', () => {
  const phrase = 'se trata de un paciente que acude';
  const entries = Array.from({ length: 30 }, (_, i) => [
    [`copy${i}`, `${phrase} ${letters} copia ${i}`],
    [`other${i}`, `${phrase} ${letters.replaceAll(/\w/g, (letter) => letter + i)}`],
  ]);
  const groups = namesOf(Object.fromEntries(entries.flat()));
  expect(groups.map(({ length }) => length)).toEqual([30, ...Array<number>(30).fill(1)]);
});

test('half of the sequences of five words make twins, less than half do not', () => {
  // Of 12 words there are 8 sequences. The last two words changed: 6 are shared of 10; the last four: 4 of 12.
  expect(namesOf({ a: letters, b: letters.replace('k l', 'x y') })).toEqual([['a', 'b']]);
  expect(namesOf({ a: letters, b: letters.replace('i j k l', 'w x y z') })).toEqual([['a'], ['b']]);
});

test('case and punctuation do not count', () => {
  expect(namesOf({ a: letters, b: `¡${letters.toUpperCase().replaceAll(' ', ', ')}!` })).toEqual([
    ['a', 'b'],
  ]);
});

test('a twin of a twin is one, in whatever order they come', () => {
  const texts = [letters, letters.replace('k l', 'x y'), letters.replace('k l', 'x y').replace('a b', 'v w')];
  const documents = texts.map((text, i) => ({ name: `d${i}`, text }));
  expect(groupTwins([documents[0]!, documents[2]!])).toHaveLength(2);
  expect(groupTwins(randomFrom(1).shuffle(documents))).toEqual([documents]);
});
