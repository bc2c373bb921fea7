import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import {
  openScorer,
  scoreSpans,
  type ScoringMethod,
  type ScoringOptions,
  type SpanScore,
} from '../../src/augment/likelihood.js';
import type { SpanRequest } from '../../src/augment/excerpt.js';
import { marked } from '../../src/augment/marked.js';
import type { Compiler } from '../../src/compile/compile.js';
import { createContext } from '../../src/context.js';
import type { Tokenizer } from '../../src/data/tokenizers/tokenizer.js';
import { wordPieceTokenizer } from '../../src/data/tokenizers/wordPiece.js';
import { compilerHere } from '../../src/ops/compiler.js';
import { maskedLogits, openMaskedLm, type MaskedLm, type OpenedMaskedLm } from '../../src/model/maskedLm.js';
import { fixtureFolder, fixtureVocabulary } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';

import { expectClose, take } from '../support/tensors.js';

const folder = join(fixtureFolder, 'tiny-bert');
const sentences = [
  'el hijo [trabaja en casa].',
  'su niño [jubilado] es médico, con 2 hijos.',
  '[ama de casa]',
  'en casa, una niña 😀 que [tra-ba-ja] (la médica) con su hijo.',
  `${'la casa de su hijo '.repeat(2)}es [una enfermera]${' que es médica'.repeat(2)}.`,
];
const requests = sentences.map(marked);
const cases: [ScoringMethod, number, ScoringOptions['scored']][] = [
  ['pseudo', 0, 'both'],
  ['pseudo', 2, 'both'],
  ['pseudo', 2, 'window'],
  ['pseudo', Infinity, 'both'],
  ['pseudoWord', 2, 'both'],
  ['pseudoWord', Infinity, 'window'],
  ['pseudoWord', 2, 'edge'],
  ['onePass', 0, 'both'],
  ['onePass', Infinity, 'both'],
];

async function collect(scores: AsyncIterable<SpanScore>): Promise<SpanScore[]> {
  const all: SpanScore[] = [];
  for await (const score of scores) all.push(score);
  return all.sort((a, b) => a.index - b.index);
}

/** The same, slowly: one sentence and one piece at a time, the softmax in double precision. */
async function slowly(
  lm: MaskedLm,
  tokenizer: Tokenizer,
  { text, start, end }: SpanRequest,
  { method, window, scored: part }: ScoringOptions,
): Promise<Omit<SpanScore, 'index'>> {
  const { ids, starts, ends, words } = await tokenizer.encode(text);
  const inSpan = [...ids.keys()].filter((i) => starts[i]! < end && ends[i]! > start);
  const [low, high] = [inSpan[0]! - window, inSpan.at(-1)! + window];
  const scored = [...ids.keys()].filter(
    (i) =>
      i >= low &&
      i <= high &&
      (part === 'both' || !inSpan.includes(i) || (part === 'edge' && words[i] === words[inSpan[0]!])),
  );
  let sum = 0;
  for (const piece of scored) {
    const hidden = (i: number) =>
      method !== 'onePass' &&
      (i === piece || (method === 'pseudoWord' && words[i] === words[piece] && i > piece));
    const seen = [
      tokenizer.cls,
      ...[...ids].map((id, i) => (hidden(i) ? tokenizer.mask : id)),
      tokenizer.sep,
    ];
    const rows = tf.tensor1d(seen, 'int32');
    const input = { rows, lengths: Int32Array.of(seen.length), batch: 1, seq: seen.length };
    const logits = take(maskedLogits(lm, input, Int32Array.of(1 + piece)));
    rows.dispose();
    const total = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    sum += Math.log(Math.exp(logits[ids[piece]!]!) / total);
  }
  return { score: sum / scored.length, pieces: scored.length };
}

beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));

describe('likelihood scores', () => {
  let lm: OpenedMaskedLm;
  let tokenizer: Tokenizer;
  beforeEach(async () => {
    lm = await openMaskedLm(folder);
    ({ tokenizer } = lm);
  });
  afterEach(() => lm.dispose());

  test('do not depend on what is computed together', async () => {
    const options = { method: 'pseudo', window: 3, scored: 'both' } as const;
    const scoresOf = async (some: SpanRequest[], batchPieces: number) =>
      (await collect(scoreSpans(lm, tokenizer, some, { ...options, batchPieces }))).map(({ score }) => score);
    const together = await scoresOf(requests, 1024);
    expectClose(await scoresOf(requests, 1), together, 1e-5);
    expectClose((await scoresOf([...requests].reverse(), 100)).reverse(), together, 1e-5);
  });

  describe.each([
    ['op by op', false],
    ['as single calls', true],
  ])('computed %s', (_, compiled) => {
    let compiler: Compiler | undefined;
    beforeEach(() => void (compiler = compiled ? compilerHere(createContext()) : undefined));
    afterEach(() => compiler?.dispose());

    test.each(cases)(
      'by %s with a window of %d (%s) are the same to the bit, whatever else is asked for',
      async (method, window, scored) => {
        const options = { method, window, scored, batchPieces: 150, compiler };
        const some = requests.filter(({ text, end }) => scored !== 'window' || end < text.length);
        const scoresOf = async (asked: SpanRequest[]) =>
          (await collect(scoreSpans(lm, tokenizer, asked, options))).map(({ score }) => score);
        const together = await scoresOf([...some, ...some].reverse());
        const alone = [];
        for (const request of some) alone.push(...(await scoresOf([request])));
        expect(together.reverse()).toEqual([...alone, ...alone]);
      },
    );

    test.each(['pseudo', 'onePass'] as const)(
      'by %s are so among many sentences of like length, of several blocks',
      async (method) => {
        const words = ['hijo', 'casa', 'médica', 'niña', 'trabaja'];
        const many = Array.from({ length: 40 }, (_, i) =>
          marked(
            `el ${words[i % 5]} [${words[(i >> 1) % 5]}] en ${words[(i >> 2) % 5]} con su ${words[(i >> 3) % 5]}`,
          ),
        );
        const options = { method, window: Infinity, scored: 'both', compiler } as const;
        const together = await collect(scoreSpans(lm, tokenizer, many, options));
        for (const index of [0, 17, 39])
          expect(await collect(scoreSpans(lm, tokenizer, [many[index]!], options))).toEqual([
            { ...together[index], index: 0 },
          ]);
      },
    );

    test.each(cases)('by %s with a window of %d (%s) are those of one by one', (method, window, scored) =>
      expectNoLeakedTensors(async () => {
        const options = { method, window, scored };
        // A sentence that is its span alone has no window.
        const some = requests.filter(({ text, end }) => scored !== 'window' || end < text.length);
        const scores = await collect(scoreSpans(lm, tokenizer, some, { ...options, compiler }));
        const expected = [];
        for (const request of some) expected.push(await slowly(lm, tokenizer, request, options));
        expect(scores.map(({ index, pieces }) => [index, pieces])).toEqual(
          expected.map(({ pieces }, i) => [i, pieces]),
        );
        expectClose(scores.map(({ score }) => score), expected.map(({ score }) => score), 1e-4); // prettier-ignore
      }),
    );
  });

  test('of a sentence longer than the model can see come from the part around the span', async () => {
    const far = 'hijo de la casa con su médico '.repeat(20);
    const [a, b] = await collect(
      scoreSpans(lm, tokenizer, [`${far}[trabaja] ${far}`, `casa ${far}[trabaja] ${far}casa`].map(marked), {
        method: 'onePass',
        window: Infinity,
        scored: 'both',
      }),
    );
    expect(a!.pieces).toBe(lm.config.positions - 2);
    expectClose([b!.score], [a!.score], 1e-5);
  });

  test('come out one by one while later ones are still to compute', async () => {
    const options = { method: 'pseudo', window: 0, scored: 'both', batchPieces: 1 } as const;
    const scores = scoreSpans(lm, tokenizer, requests, options);
    const first = await scores.next();
    expect(first.value).toMatchObject({ index: 4 }); // the longest
    await scores.return(undefined);
  });

  test('are refused for a span that holds nothing, or has nothing around it to be scored', async () => {
    const score = (scored: ScoringOptions['scored'], start: number, end: number) =>
      scoreSpans(lm, tokenizer, [{ text: 'la casa', start, end }], { method: 'pseudo', window: 1, scored }).next(); // prettier-ignore
    await expect(score('both', 2, 3)).rejects.toThrow(
      'The span 2–3 of «la casa» holds no piece of the vocabulary: it cannot be scored; leave it out',
    );
    await expect(score('window', 0, 7)).rejects.toThrow('The span 0–7 of «la casa» has nothing around it');
  });

  test("are refused with another model's vocabulary, or one without [MASK] where it is needed", async () => {
    const known = fixtureVocabulary('tiny-bert');
    const first = (vocabulary: string[], method: ScoringMethod) =>
      scoreSpans(lm, wordPieceTokenizer(vocabulary), requests, { method, window: 0, scored: 'both' }).next();
    await expect(first(known.slice(1, -1).concat('[PAD]', 'x', 'y'), 'pseudo')).rejects.toThrow(
      "The vocabulary has 114 pieces, but the masked language model's table has 113 rows",
    );
    const maskless = known.map((piece) => (piece === '[MASK]' ? 'x' : piece));
    await expect(first(maskless, 'pseudoWord')).rejects.toThrow(
      'The vocabulary has no [MASK], which scoring by pseudoWord needs',
    );
    expect((await first(maskless, 'onePass')).done).toBe(false);
  });

  test('of a scorer that opens its folder leave nothing behind on the engine', () =>
    expectNoLeakedTensors(async () => {
      const scorer = await openScorer(
        folder,
        { method: 'onePass', window: 0, scored: 'both' },
        createContext(),
      );
      expect(await collect(scorer.score(requests))).toHaveLength(requests.length);
      scorer.dispose();
    }));
});
