import { expect, test } from '@jest/globals';
import { codeSpan } from '../../src/pack/markdown.js';

test.each([
  ['PROFESION', '`PROFESION`'],
  ['`<svg/onload=x>`', '`` `<svg/onload=x>` ``'],
  ['a``b', '``` a``b ```'],
  ['A|B', '`A\\|B`'],
])('%s stands in a table of Markdown as code', (text, code) => {
  expect(codeSpan(text)).toBe(code);
});
