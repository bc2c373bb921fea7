import { expect, test } from '@jest/globals';
import { checkParts } from '../../../src/data/tokenizers/checkParts.js';

/** A map of the size it says, with as many units of a double array, and then the texts. */
function charsmap(units: readonly number[], texts = '\0', size = 4 * units.length): string {
  const bytes = Buffer.alloc(4 + 4 * units.length);
  [size, ...units].forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
  return Buffer.concat([bytes, Buffer.from(texts)]).toString('base64');
}

/** A block of units in which "x" leads to the text at a place. */
function replacing(place: number): number[] {
  const units = Array<number>(512).fill(0);
  units[0] = 256 << 10; // the children of the root begin at 256
  units[256 ^ 120] = (120 << 10) | 0x100 | 120; // those of "x" at 256, where its value is
  units[256] = 0x80000000 + place;
  return units;
}

const precompiled = (map: string) => ({
  normalizer: {
    type: 'Sequence',
    normalizers: [{ type: 'Precompiled', precompiled_charsmap: map }],
  },
});
const prefixed = (prefix: string, merges: unknown) => ({ continuing_subword_prefix: prefix, merges });
const replace = (from: string, content: string) => ({ type: 'Replace', pattern: { String: from }, content });

test.each<[string, object, object]>([
  ['a map that is whole', precompiled(charsmap(replacing(0), 'ñ\0')), {}],
  ['merges with their prefix', {}, prefixed('##', ['a ##b', 'a ##é', ['##a', '##b']])],
  ['merges without a prefix', {}, prefixed('', ['a b'])],
  ['a space that becomes ▁, among others', { normalizer: { type: 'Sequence', normalizers: [replace(' ', '▁'), replace('``', '"')] } }, {}], // prettier-ignore
  [
    'white space by a pattern',
    { normalizer: { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' } },
    {},
  ],
  ['pieces of one character', { pre_tokenizer: { type: 'FixedLength', length: 1 } }, {}],
])('%s is taken', (_, json, model) => {
  expect(() => checkParts('t.json', { ...json }, { ...model })).not.toThrow();
});

const damagedMap = /^t\.json: the precompiled_charsmap of its normalizer is damaged; copy the file/;
const noPrefix = /^t\.json: the second piece of its merge 2 has no continuing_subword_prefix/;
test.each<[string, object, object, RegExp]>([
  ['an empty map', precompiled(''), {}, damagedMap],
  ['a map of three bytes', precompiled('AAAA'), {}, damagedMap],
  ['a map of another size than it says', precompiled(charsmap(replacing(0), '\0', 4096)), {}, damagedMap],
  [
    'a map that leads out of itself',
    precompiled(charsmap([511 << 10, ...replacing(0).slice(1, 256)])),
    {},
    damagedMap,
  ],
  ['a map to a place behind its texts', precompiled(charsmap(replacing(9))), {}, damagedMap],
  ['a map into a character', precompiled(charsmap(replacing(1), 'ñ\0')), {}, damagedMap],
  ['a merge without its prefix', {}, prefixed('##', ['a ##b', 'a b']), noPrefix],
  ['a merge whose prefix ends in a character', {}, prefixed('x', ['a xb', ['a', 'é']]), noPrefix],
  [
    'characters that become a million',
    { normalizer: { type: 'Sequence', normalizers: Array(20).fill(replace('x', 'xx')) } },
    {},
    /make more than 100 characters of one/,
  ],
  [
    'a pattern that repeats itself',
    {
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: { Regex: '(x+x+)+y' } }] },
    },
    {},
    /^t\.json: its pattern "\(x\+x\+\)\+y" repeats what repeats or chooses itself/,
  ],
  [
    'pieces of no length',
    { pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'FixedLength', length: 0 }] } },
    {},
    /into pieces of no length/,
  ],
])('%s is refused', (_, json, model, message) => {
  // prettier-ignore
  expect(() => checkParts('t.json', { ...json }, { ...model })).toThrow(message);
});
