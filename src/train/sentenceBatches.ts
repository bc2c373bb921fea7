import type { NormalizationConfig } from '../config/sections/normalization.js';
import { paddedSentence } from '../data/batches.js';
import { randomFrom } from '../data/random.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { encoderInputs } from '../model/inputs.js';
import type { Knowledge } from '../normalize/knowledge.js';
import { drawPairs } from '../normalize/pairs.js';

/** Share of the pairs whose second text is a label, not an alternative. */
const LABEL_SHARE = 0.7;

/** The batches of all epochs: they depend on the seed alone. `positions`: as many pieces as the encoder takes. */
export async function drawBatches(
  knowledge: Knowledge,
  {
    epochs,
    batchSize,
    mentionCount,
    longest,
    positions,
  }: NormalizationConfig['embedding']['training'] & { positions: number },
  contexts: readonly string[],
  tokenizer: Tokenizer,
  seed: number,
): Promise<PairedBatch[]> {
  const random = randomFrom(seed);
  const batches: PairedBatch[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const pairs = drawPairs(knowledge, { mentionCount, labelShare: LABEL_SHARE }, random);
    const within = (text: string) => contexts[random.int(contexts.length)]!.replace('{}', () => text);
    for (let at = 0; at + 2 <= pairs.length; at += batchSize) {
      const some = pairs.slice(at, at + batchSize);
      const texts = [...some.map(({ first }) => first), ...some.map(({ second }) => second)];
      const encoded = await tokenizer.encodeBatch(texts.map(within));
      const pieces = encoded.map(({ ids }) => ids.subarray(0, Math.min(longest, positions) - 2));
      const most = pieces.reduce((most, { length }) => Math.max(most, length), 0) + 2;
      const concepts = some.map(({ concept }) => concept);
      batches.push({ pieces, concepts, seq: paddedSentence(most, positions) });
    }
  }
  return batches;
}

/** Two texts of each concept: all first ones, then all second ones. */
export interface PairedBatch {
  pieces: Int32Array[];
  concepts: number[];
  seq: number;
}

export function shapeOf({ concepts, seq }: PairedBatch): string {
  return `${concepts.length} pairs x ${seq}`;
}

/** What a step is given of them. */
export function pairInputs({ pieces, concepts, seq }: PairedBatch, { cls, sep, pad }: Tokenizer) {
  const batch = pieces.length;
  const ids = new Int32Array(batch * seq).fill(pad);
  pieces.forEach((own, row) => ids.set([cls, ...own, sep], row * seq));
  const n = concepts.length;
  const alike = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (i !== j && concepts[i] === concepts[j]) alike[i * n + j] = 1;
  const lengths = Int32Array.from(pieces, ({ length }) => length + 2);
  return { ...encoderInputs({ ids, lengths }), alike: { values: alike, shape: [n, n] } };
}
