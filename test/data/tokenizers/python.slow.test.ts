import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openTokenizer } from '../../../src/data/tokenizers/open.js';
import type { Encoded } from '../../../src/data/tokenizers/tokenizer.js';
import { fixtureFolder, fixtureJson } from '../../support/fixtures.js';
import { describeShared, sharedFile } from '../../support/shared.js';

/** ids, starts, ends, words, lastWords, wordStarts, wordEnds, firstPieces */
type Listed = number[][];

interface Expected {
  /** Eight digits for each document. */
  documents: string;
  /** Eight for each twenty fuzzed texts. */
  fuzzed: string;
  /** Of the first fuzzed texts. */
  shown: Listed[];
}

const {
  fragments,
  shown,
  expected,
}: { fragments: string[]; shown: string[]; expected: Record<string, Expected> } =
  fixtureJson('tokenizers/expected.json');
const kinds = Object.keys(expected);
const open = (kind: string) => openTokenizer(join(fixtureFolder, 'tokenizers', kind));

function listed(encoded: Encoded): Listed {
  const { ids, starts, ends, words, lastWords, wordStarts, wordEnds, firstPieces } = encoded;
  return [ids, starts, ends, words, lastWords, wordStarts, wordEnds, firstPieces].map((all) => [...all]);
}

const digest = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

const inEights = (digits: string) => digits.match(/.{8}/g)!;

/** The texts that scripts/fixtures/make_tokenizers.py makes. */
function fuzzed(count: number): string[] {
  let state = 1;
  const next = () => (state = (state * 48271) % 2147483647);
  return Array.from({ length: count }, () =>
    Array.from({ length: next() % 24 }, () => fragments[next() % fragments.length]).join(''),
  );
}

describe("pieces, offsets and words are those of Python's tokenizers", () => {
  test.each(kinds)('for a few odd texts (%s)', async (kind) => {
    expect(fuzzed(shown.length)).toEqual(shown);
    const encoded = await (await open(kind)).encodeBatch(shown);
    expect(encoded.map(listed)).toEqual(expected[kind]!.shown);
  });

  test.each(kinds)('for 4,000 odd texts (%s)', async (kind) => {
    const encoded = (await (await open(kind)).encodeBatch(fuzzed(4000))).map(listed);
    const parts = Array.from({ length: 200 }, (_, part) => encoded.slice(part * 20, (part + 1) * 20));
    expect(parts.map(digest)).toEqual(inEights(expected[kind]!.fuzzed));
  });
});

const corpus = 'meddoprof/meddoprof-training-set/task1';
describeShared("pieces, offsets and words of the corpus are those of Python's tokenizers", corpus, () => {
  test.each(kinds)(
    '%s',
    async (kind) => {
      const folder = sharedFile(corpus);
      const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
      const texts = names.sort().map((name) => readFileSync(join(folder, name), 'utf8'));
      const encoded = await (await open(kind)).encodeBatch(texts);
      expect(encoded).toHaveLength(1350);
      expect(encoded.map((one) => digest(listed(one)))).toEqual(inEights(expected[kind]!.documents));
    },
    240_000,
  );
});
