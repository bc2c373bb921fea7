import { expect, test } from '@jest/globals';
import { marked } from '../../src/augment/marked.js';

test('a marked span has offsets in code points of the sentence without its marks', () => {
  expect(marked('😀 le gusta [correr 🏃].')).toEqual({ text: '😀 le gusta correr 🏃.', start: 11, end: 19 });
  expect(marked('[caza]')).toEqual({ text: 'caza', start: 0, end: 4 });
});

test.each(['caza', '[caza', 'caza]', ']caza[', '[]', '[a] y [b]', '[[a]]'])('%s has not one span', (text) => {
  expect(() => marked(text)).toThrow('must have one span marked');
});
