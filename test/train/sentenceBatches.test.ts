import { describe, expect, test } from '@jest/globals';
import type { Encoded, Tokenizer } from '../../src/data/tokenizers/tokenizer.js';
import { formsOf } from '../../src/normalize/terminology.js';
import { drawBatches, pairInputs } from '../../src/train/sentenceBatches.js';
import { knowledge } from '../support/normalization.js';

/** A piece for each character: its code point. */
const tokenizer = { cls: 1, sep: 2, pad: 0,
  encodeBatch: (texts: readonly string[]) =>
    Promise.resolve(texts.map((text) => ({ ids: Int32Array.from(text, (c) => c.codePointAt(0)!) }) as Encoded)),
} as Tokenizer; // prettier-ignore
const training = { epochs: 2, batchSize: 4, mentionCount: 3, longest: 128, positions: 512 };
const draw = (changed: object = {}, contexts = ['{}'], seed = 1) =>
  drawBatches(knowledge, { ...training, ...changed } as never, contexts, tokenizer, seed);
const textOf = (pieces: Int32Array) => String.fromCodePoint(...pieces);

describe('the batches that a sentence encoder learns from', () => {
  test('have the first texts of all pairs, then the second ones, each of its concept', async () => {
    for (const { pieces, concepts } of await draw()) {
      expect(pieces).toHaveLength(2 * concepts.length);
      concepts.forEach((concept, i) => {
        const { code, labels, alternatives } = knowledge.concepts[concept]!;
        const mentions = knowledge.mentions
          .filter((mention) => mention.code === code)
          .map(({ text }) => text);
        const [first, second] = [textOf(pieces[i]!), textOf(pieces[concepts.length + i]!)];
        expect([...mentions, ...alternatives]).toContain(first);
        expect([...labels.flatMap(formsOf), ...alternatives]).toContain(second);
      });
    }
  });

  test('have every pair of an epoch but one that would be alone, which has nothing to be told from', async () => {
    const sizes = async (changed: object) => (await draw(changed)).map(({ concepts }) => concepts.length);
    expect(await sizes({})).toEqual([4, 4, 4, 4, 4, 4]); // twelve pairs an epoch
    expect(await sizes({ batchSize: 5 })).toEqual([5, 5, 2, 5, 5, 2]);
    expect(await sizes({ mentionCount: 2 })).toEqual([4, 4, 4, 4]); // nine
  });

  test('put texts into contexts that are drawn, and cut what is too long', async () => {
    const contexts = ['<{}>', '({})'];
    const batches = await draw({ longest: 12 }, contexts);
    const all = batches.flatMap(({ pieces }) => pieces.map(textOf));
    expect(new Set(all.map((text) => text[0]))).toEqual(new Set(['<', '(']));
    expect(Math.max(...all.map(({ length }) => length))).toBe(10); // and [CLS] and [SEP]
    for (const { pieces, seq } of batches) {
      const most = Math.max(...pieces.map(({ length }) => length)) + 2;
      expect([seq % 4, seq >= most, seq < most + 4]).toEqual([0, true, true]);
    }
  });

  test('are no longer than what the encoder takes, which is no multiple of four', async () => {
    const batches = await draw({ positions: 14 });
    expect(Math.max(...batches.map(({ seq }) => seq))).toBe(14);
    expect(Math.max(...batches.flatMap(({ pieces }) => pieces.map(({ length }) => length)))).toBe(12);
  });

  test('depend on the seed alone', async () => {
    expect(await draw()).toEqual(await draw());
    expect(await draw({}, ['{}'], 2)).not.toEqual(await draw());
  });
});

test('a step is given rows of pieces, and which other pairs are of one concept', () => {
  const pieces = [[7], [8, 9], [5, 5, 5], [6], [7, 7], [3]].map((own) => Int32Array.from(own));
  const rows = [
    ...[[1, 7, 2, 0, 0, 0], [1, 8, 9, 2, 0, 0], [1, 5, 5, 5, 2, 0]], // prettier-ignore
    ...[[1, 6, 2, 0, 0, 0], [1, 7, 7, 2, 0, 0], [1, 3, 2, 0, 0, 0]], // prettier-ignore
  ];
  expect(pairInputs({ pieces, concepts: [4, 2, 4], seq: 6 }, tokenizer)).toEqual({
    rows: { values: Int32Array.from(rows.flat()), shape: [36] },
    lengths: { values: Float32Array.of(3, 4, 5, 3, 4, 3), shape: [6] },
    alike: { values: Float32Array.of(0, 0, 1, 0, 0, 0, 1, 0, 0), shape: [3, 3] },
  });
});
