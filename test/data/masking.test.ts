import { describe, expect, test } from '@jest/globals';
import { makeBatch } from '../../src/data/batches.js';
import { hideWords, maskWindows } from '../../src/data/masking.js';
import { randomFrom } from '../../src/data/random.js';
import { example } from '../support/examples.js';

const tokenizer = { cls: 1, sep: 2, pad: 0, mask: 4 };
const texts = [example({ wordCount: 40, piecesPerWord: 3 }), example({ wordCount: 7 })];
const windows = [
  { document: 0, start: 2, end: 102, positive: false },
  { document: 1, start: 0, end: 7, positive: false },
];
const options = { share: 0.15, wholeWords: true, pieces: Int32Array.of(500, 501), positions: 512 };
const mask = (changes: Partial<typeof options> = {}, seed = 1) =>
  maskWindows(windows, texts, tokenizer, { ...options, ...changes }, randomFrom(seed));

/** The pieces of the rows as they stood in the text. */
function original({ ids, positions, labels, masked }: ReturnType<typeof mask>): Int32Array {
  const restored = ids.slice();
  for (let i = 0; i < masked; i++) restored[positions[i]!] = labels[i]!;
  return restored;
}

describe('masked windows', () => {
  test('have the text where what is to be guessed is put back', () => {
    const batch = mask();
    const { seq } = batch;
    const restored = original(batch);
    expect([...restored.subarray(0, 103)]).toEqual([1, ...texts[0]!.encoded.ids.subarray(2, 102), 2, 0].slice(0, 103)); // prettier-ignore
    expect([...restored.subarray(seq, seq + 10)]).toEqual([1, ...texts[1]!.encoded.ids, 2, 0]);
  });

  test('hide no more than their share, and nothing twice', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { positions, masked, seq, weights } = mask({}, seed);
      const at = positions.subarray(0, masked);
      expect(new Set(at).size).toBe(masked);
      expect(at.filter((position) => position < seq).length).toBeLessThanOrEqual(15);
      expect(at.filter((position) => position >= seq)).toHaveLength(1); // of 7 pieces
      expect(weights.reduce((sum, one) => sum + one, 0)).toBe(masked);
    }
  });

  test('hide just their share where there are words short enough for what is left of it', () => {
    const { encoded } = example({ wordCount: 60 });
    const word = (piece: number) => (piece < 30 ? Math.floor(piece / 3) : piece); // ten of three pieces, 30 of one
    const mixed = { encoded: { ...encoded, words: encoded.words.map((_, piece) => word(piece)) } };
    for (let seed = 0; seed < 30; seed++) {
      const window = { document: 0, start: 0, end: 60, positive: false };
      const { masked } = maskWindows([window], [mixed], tokenizer, { ...options, share: 0.2 }, randomFrom(seed)); // prettier-ignore
      expect(masked).toBe(12);
    }
  });

  test('hide all pieces of a word that is whole in its window, or none', () => {
    const { positions, masked, seq } = mask();
    const words = [...positions.subarray(0, masked)]
      .filter((position) => position < seq)
      .map((position) => texts[0]!.encoded.words[position - 1 + 2]!);
    const whole = words.filter((word) => word > 0 && word < 34); // at the edges words are cut
    for (const word of whole) expect(words.filter((other) => other === word)).toHaveLength(3);
    const parts = mask({ wholeWords: false }, 3);
    const counts = new Map<number, number>();
    for (const position of parts.positions.subarray(0, parts.masked)) {
      const word = texts[0]!.encoded.words[position + 1]!;
      if (position < seq) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    expect([...counts.values()]).toContain(1);
  });

  test('have eight of ten pieces masked, one another, one as it was', () => {
    const shown = { mask: 0, other: 0, same: 0 };
    for (let seed = 0; seed < 400; seed++) {
      const { ids, positions, labels, masked } = mask({}, seed);
      for (let i = 0; i < masked; i++) {
        const id = ids[positions[i]!]!;
        if (id === 4) shown.mask++;
        else if (id === labels[i]) shown.same++;
        else if (id === 500 || id === 501) shown.other++;
      }
    }
    const all = shown.mask + shown.other + shown.same;
    expect(all).toBeGreaterThan(5000);
    expect(shown.mask / all).toBeCloseTo(0.8, 1);
    expect(shown.other / all).toBeCloseTo(0.1, 1);
    expect(shown.same / all).toBeCloseTo(0.1, 1);
  });

  test('are the same for a seed, and have as many positions for a shape', () => {
    expect(mask({}, 7)).toEqual(mask({}, 7));
    expect(mask({}, 7)).not.toEqual(mask({}, 8));
    const rooms = [1, 2, 3].map((seed) => mask({}, seed).positions.length);
    expect(new Set(rooms).size).toBe(1);
  });

  test('never hide pieces without a word', () => {
    const { encoded } = texts[1]!;
    const blank = { encoded: { ...encoded, words: encoded.words.map((word) => (word === 3 ? 3 : -1)) } };
    for (let seed = 0; seed < 10; seed++) {
      const { positions, masked } = maskWindows(
        [{ document: 0, start: 0, end: 7, positive: false }],
        [blank],
        tokenizer,
        { ...options, share: 0.9 },
        randomFrom(seed),
      );
      expect([...positions.subarray(0, masked)]).toEqual([4]);
    }
  });
});

describe('words that are hidden from a step', () => {
  const batch = makeBatch(windows, texts, tokenizer);
  const hidden = (share: number, seed = 1) => {
    const ids = batch.ids.slice();
    hideWords({ ...batch, ids }, texts, { mask: tokenizer.mask, share }, randomFrom(seed));
    return ids;
  };

  test('are [MASK] in all their pieces, and the others stay', () => {
    const ids = hidden(0.3);
    expect(ids).not.toEqual(batch.ids);
    const { seq } = batch;
    const shownOf = new Map<string, Set<boolean>>();
    for (const [row, { document, start, end }] of windows.entries())
      for (let piece = start; piece < end; piece++) {
        const at = row * seq + 1 + piece - start;
        const word = `${row} ${texts[document]!.encoded.words[piece]}`;
        shownOf.set(word, (shownOf.get(word) ?? new Set()).add(ids[at] === batch.ids[at]));
        expect([batch.ids[at], tokenizer.mask]).toContain(ids[at]);
      }
    expect([...shownOf.values()].map(({ size }) => size)).toEqual(Array(shownOf.size).fill(1));
  });

  test('are the share of all words that was asked for', () => {
    const [times, wordCount] = [400, 34 + 7]; // of the first text's words the first is cut, five are not in the window
    let shown = 0;
    for (let seed = 0; seed < times; seed++) {
      const ids = hidden(0.15, seed);
      for (const [row, { document, start, end }] of windows.entries()) {
        const { encoded } = texts[document]!;
        for (let piece = start; piece < end; piece++)
          if (piece === start || encoded.words[piece] !== encoded.words[piece - 1])
            shown += Number(ids[row * batch.seq + 1 + piece - start] !== tokenizer.mask);
      }
    }
    expect(1 - shown / times / wordCount).toBeCloseTo(0.15, 2);
  });

  test('are never [CLS], [SEP] or padding', () => {
    const ids = hidden(1);
    const special = (values: Int32Array) => values.map((id) => (id < 3 ? id : 9));
    expect(special(ids)).toEqual(special(batch.ids));
    expect(new Set(ids)).toEqual(new Set([0, 1, 2, tokenizer.mask]));
  });

  test('leave out pieces without a word', () => {
    const { encoded } = texts[1]!;
    const without = [texts[0]!, { encoded: { ...encoded, words: encoded.words.map((word) => (word === 3 ? -1 : word)) } }]; // prettier-ignore
    const ids = batch.ids.slice();
    hideWords({ ...batch, ids }, without, { mask: tokenizer.mask, share: 1 }, randomFrom(1));
    expect(ids[batch.seq + 1 + 3]).toBe(encoded.ids[3]);
  });

  test('are hidden together where they share a piece', () => {
    // As SentencePiece cuts "(12)": "(1" is of the words 0 and 1, "2)" of 1 and 2.
    const encoded = { ...texts[1]!.encoded, words: Int32Array.of(0, 1, 3, 4, 5, 6, 7), lastWords: Int32Array.of(1, 2, 3, 4, 5, 6, 7) }; // prettier-ignore
    for (let seed = 0; seed < 50; seed++) {
      const ids = batch.ids.slice();
      hideWords(
        { ...batch, ids },
        [texts[0]!, { encoded }],
        { mask: tokenizer.mask, share: 0.5 },
        randomFrom(seed),
      );
      const [first, second] = ids.subarray(batch.seq + 1, batch.seq + 3);
      expect(first === tokenizer.mask).toBe(second === tokenizer.mask);
    }
  });
});
