import { expect, test } from '@jest/globals';
import { repeatsLooseGroups } from '../../../src/data/tokenizers/regex.js';

// All but the last two end the process of tokenizers 0.23.2 for sixty times x and zy behind them.
test.each([
  '(x+x+)+y',
  '(x|x)+y',
  '(x+)+y',
  '(?:xx|x)*y',
  '(x{1,5}){3,}y',
  'x{1,5}+y',
  '(?i:x|xx){0,99}y',
  '(?<a>\\]|[x\\]]+)*y',
  '((x+)z?)+y',
  '(x*z){12}',
])(
  // prettier-ignore
  '%s has groups that take a text in endlessly many ways',
  (pattern) => expect(repeatsLooseGroups(pattern)).toBe(true),
);

test.each([
  ['of XLM-R', ' {2,}'],
  ['of GPT-2', "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  ['of GPT-4', "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"], // prettier-ignore
  ['of GPT-4o', "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{M}]*[\\p{Ll}\\p{M}]+(?i:'s|'t|'re)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"], // prettier-ignore
  ['of Bloom', ' ?[^(\\s|[.,!?…。，、।۔،])]+'],
  ['of a group that can be taken in one way', '(?:ab)+|(?>x+)+|(x++)+|(x{4})*'],
  ['of signs that stand for themselves', '\\(x\\+\\)+|[(x+)]+|(\\||[|*])?'],
])('the pattern %s has none', (_, pattern) => expect(repeatsLooseGroups(pattern)).toBe(false));
