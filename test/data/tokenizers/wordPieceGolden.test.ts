import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { openTokenizerFile } from '../../../src/data/tokenizers/open.js';
import type { Tokenizer } from '../../../src/data/tokenizers/tokenizer.js';
import { describeShared, sharedFile } from '../../support/shared.js';

interface Golden {
  text: string;
  ids: number[];
  offsets_codepoints: [number, number][];
  word_ids: (number | null)[];
}

const readCases = <T>(name: string): T[] => {
  const file = sharedFile(`mbert-cased/${name}`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : [];
};

describeShared('a tokenizer of the multilingual cased vocabulary', 'mbert-cased/vocab.txt', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await openTokenizerFile(sharedFile('mbert-cased/vocab.txt'));
  });

  test('knows the special pieces', () => {
    const { size, pad, unknown, cls, sep, mask } = tokenizer;
    expect({ size, pad, unknown, cls, sep, mask }).toEqual({
      size: 119547,
      pad: 0,
      unknown: 100,
      cls: 101,
      sep: 102,
      mask: 103,
    });
  });

  test.each(readCases<Golden>('golden_offsets_hf_rust.json'))(
    'gives the ids, offsets and words that Hugging Face gives: text %#',
    async ({ text, ids, offsets_codepoints, word_ids }) => {
      const encoded = await tokenizer.encode(text);
      expect([...encoded.ids]).toEqual(ids.slice(1, -1));
      expect([...encoded.starts].map((start, i) => [start, encoded.ends[i]])).toEqual(
        offsets_codepoints.slice(1, -1),
      );
      expect([...encoded.words]).toEqual(word_ids.slice(1, -1));
    },
  );

  test.each(
    readCases<{ model: string; case: string; text: string; ids: number[] }>(
      'hf_transformersjs_fixtures.json',
    ),
  )('gives the ids of $model for $case', async ({ text, ids }) => {
    expect([...(await tokenizer.encode(text)).ids]).toEqual(ids.slice(1, -1));
  });
});
