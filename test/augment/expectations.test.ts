import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import {
  expectationsOf,
  likenessOf,
  openExpectations,
  type Expectation,
} from '../../src/augment/expectations.js';
import { marked } from '../../src/augment/marked.js';
import { startEngine } from '../../src/backend/engine.js';
import { wordPieceTokenizer } from '../../src/data/tokenizers/wordPiece.js';
import { maskedLogits, openMaskedLm } from '../../src/model/maskedLm.js';
import { fixtureFolder, fixtureVocabulary } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, take } from '../support/tensors.js';

const folder = join(fixtureFolder, 'tiny-bert');
const requests = ['el hijo [trabaja en casa].', '[tra-ba-ja] con su hijo', 'su niño, [jubilado]'].map(marked);

beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));

describe('what a model expects in a place', () => {
  test('are the likeliest pieces for the first word, one mask in its place, the rest of the span in view', () =>
    expectNoLeakedTensors(async () => {
      const lm = await openMaskedLm(folder);
      const { tokenizer } = lm;
      const found: Expectation[] = [];
      for await (const { index, ...expected } of expectationsOf(lm, tokenizer, requests))
        found[index] = expected;
      expect(found).toHaveLength(3);
      for (const [index, { text, start }] of requests.entries()) {
        const { ids, starts, words } = await tokenizer.encode(text);
        const first = starts.indexOf(start);
        const rest = [...ids].filter((_, i) => i < first || words[i] !== words[first]);
        const seen = [tokenizer.cls, ...rest.slice(0, first), tokenizer.mask, ...rest.slice(first), tokenizer.sep]; // prettier-ignore
        const rows = tf.tensor1d(seen, 'int32');
        const input = { rows, lengths: Int32Array.of(seen.length), batch: 1, seq: seen.length };
        const logits = [...take(maskedLogits(lm, input, Int32Array.of(1 + first)))];
        rows.dispose();
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
        const { pieces, probabilities } = found[index]!;
        expect(new Set(pieces).size).toBe(113); // the whole vocabulary of the tiny model
        expectClose(probabilities, pieces.map((piece) => Math.exp(logits[piece]!) / total), 1e-5); // prettier-ignore
        expect([...probabilities].sort((a, b) => b - a)).toEqual(probabilities);
      }
      lm.dispose();
    }));

  test('is the same to the bit, whatever else is asked for', async () => {
    const lm = await openMaskedLm(folder);
    const all: Expectation[] = [];
    for await (const { index, ...expected } of expectationsOf(lm, lm.tokenizer, requests))
      all[index] = expected;
    for (const [index, request] of requests.entries())
      for await (const { pieces, probabilities } of expectationsOf(lm, lm.tokenizer, [request]))
        expect({ pieces, probabilities }).toEqual(all[index]);
    lm.dispose();
  });

  test('comes from a folder, and leaves nothing behind on the engine', () =>
    expectNoLeakedTensors(async () => {
      const source = await openExpectations(folder);
      const indices = [];
      for await (const { index } of source.compute([...requests, ...requests])) indices.push(index);
      expect(indices.sort()).toEqual([0, 1, 2, 3, 4, 5]);
      source.dispose();
    }));

  test('is refused with a vocabulary without [MASK]', () =>
    expectNoLeakedTensors(async () => {
      const lm = await openMaskedLm(folder);
      const vocabulary = fixtureVocabulary('tiny-bert');
      const maskless = wordPieceTokenizer(vocabulary.map((piece) => (piece === '[MASK]' ? 'x' : piece)));
      await expect(expectationsOf(lm, maskless, requests).next()).rejects.toThrow(
        'The vocabulary has no [MASK]',
      );
      lm.dispose();
    }));
});

describe('the likeness of places', () => {
  const some = (probabilities: Record<number, number>): Expectation => ({
    pieces: Object.keys(probabilities).map(Number),
    probabilities: Object.values(probabilities),
  });
  const verb = some({ 1: 0.5, 2: 0.3, 3: 0.2 });

  test('is greatest, nothing, where the same is expected', () => {
    expect(likenessOf(verb, verb)).toBeCloseTo(0, 12);
  });

  test('is the logarithm of the Bhattacharyya coefficient, whichever is first', () => {
    const other = some({ 3: 0.8, 1: 0.1, 9: 0.1 });
    const expected = Math.log(Math.sqrt(0.5 * 0.1) + Math.sqrt(0.2 * 0.8));
    expect(likenessOf(verb, other)).toBeCloseTo(expected, 12);
    expect(likenessOf(other, verb)).toBeCloseTo(expected, 12);
  });

  test('is small but a number where nothing is shared', () => {
    const likeness = likenessOf(verb, some({ 7: 1 }));
    expect(likeness).toBeLessThan(-9);
    expect(Number.isFinite(likeness)).toBe(true);
  });
});
