import { expect, test } from '@jest/globals';
import fc from 'fast-check';
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
  // The last three changed: 5 of 11, and with a word more 6 of 12, which is just half.
  expect(namesOf({ a: letters, b: letters.replace('j k l', 'x y z') })).toEqual([['a'], ['b']]);
  expect(namesOf({ a: `0 ${letters}`, b: `0 ${letters.replace('j k l', 'x y z')}` })).toEqual([['a', 'b']]);
});

test('twins are those that counting the sequences of each two texts finds', () => {
  const sequencesOf = (text: string) => {
    const words = text.split(' ');
    return new Set(words.slice(4).map((_, i) => words.slice(i, i + 5).join(' ')));
  };
  const areTwins = (one: string, other: string) => {
    const [a, b] = [sequencesOf(one), sequencesOf(other)];
    const shared = [...a].filter((sequence) => b.has(sequence)).length;
    return shared / (a.size + b.size - shared) >= 0.5;
  };
  const words = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 5, maxLength: 16 });
  fc.assert(
    fc.property(words, words, (one, other) => {
      const [a, b] = [one.join(' '), other.join(' ')];
      expect(namesOf({ a, b })).toHaveLength(areTwins(a, b) ? 1 : 2);
      const begun = [...one, ...other].join(' '); // what two texts may share is mostly how they begin
      expect(namesOf({ a, b: begun })).toHaveLength(areTwins(a, begun) ? 1 : 2);
    }),
  );
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
