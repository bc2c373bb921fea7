import * as tf from '@tensorflow/tfjs-core';
import { take } from '../../backend/take.js';
import { eagerly, type Compiler, type Fed } from '../../compile/compile.js';
import type { Context } from '../../context.js';
import { chunksOf, paddedSentence } from '../../data/batches.js';
import type { Tokenizer } from '../../data/tokenizers/tokenizer.js';
import type { EncoderInput } from '../../model/encoders/family.js';
import { encoderInputs, onEngine } from '../../model/inputs.js';
import { compilerHere } from '../../ops/compiler.js';
import type { EmbedOptions } from '../embedder.js';

/** What turns the pieces of sentences into vectors. */
export interface SentenceModel {
  tokenizer: Pick<Tokenizer, 'encodeBatch' | 'cls' | 'sep' | 'pad'>;
  dimension: number;
  /** Of a sentence with [CLS] and [SEP]; what is longer is cut. */
  mostPieces: number;
  /** Pieces that are computed together, padding included. */
  batchPieces: number;
  /** → [batch, dimension] */
  encode(input: EncoderInput): tf.Tensor;
  /** All that `encode` computes with. */
  tensors: readonly tf.Tensor[];
  /** Runs frequent shapes of batches as single calls; op by op without it. */
  compiler?: Compiler;
}

export const BATCH_PIECES = 2048;
/** Batches of one shape from which compiling it pays: recording it takes one, and compiling it about as long. */
const FREQUENT = 10;
/** Sentences that are tokenized at once. */
const TOKENIZED = 1000;

/** For the batches of a model; dispose of it with the model. */
export const batchCompiler = (context: Context): Compiler | undefined => compilerHere(context);

/**
 * The vector of each sentence, in the order given → [sentences, dimension] row by row. Sentences of like
 * length are computed together; one without pieces is [CLS] [SEP]. What is left when some batches are kept gets the same
 * vectors to the bit as if all were computed at once: the same batches, compiled where enough of a shape are to come.
 */
export async function embedSentences(
  model: SentenceModel,
  sentences: readonly string[],
  { keep, reached }: EmbedOptions = {},
): Promise<Float32Array> {
  const vectors = new Float32Array(sentences.length * model.dimension);
  const pieces: Int32Array[] = [];
  for (const some of chunksOf(sentences, TOKENIZED)) {
    for (const { ids } of await model.tokenizer.encodeBatch(some))
      pieces.push(ids.subarray(0, model.mostPieces - 2));
    await reached?.(0);
  }
  const batches = batchesOf(pieces, model);
  const toCome = countShapes(batches);
  let done = 0;
  for (const batch of batches) {
    const shape = shapeOf(batch);
    const values = await compute(model, pieces, batch, toCome.get(shape)! >= FREQUENT);
    toCome.set(shape, toCome.get(shape)! - 1);
    for (const [row, index] of batch.indices.entries()) {
      const vector = values.subarray(row * model.dimension, (row + 1) * model.dimension);
      vectors.set(vector, index * model.dimension);
    }
    await keep?.(batch.indices, values);
    done += batch.indices.length;
    await reached?.(done);
  }
  return vectors;
}

interface SentenceBatch {
  /** Which of the sentences. */
  indices: number[];
  seq: number;
}

/** From the longest to the shortest: what is left never takes longer than it seems. */
function batchesOf(
  pieces: Int32Array[],
  { mostPieces, batchPieces }: Pick<SentenceModel, 'mostPieces' | 'batchPieces'>,
): SentenceBatch[] {
  const order = [...pieces.keys()].sort((a, b) => pieces[b]!.length - pieces[a]!.length);
  const batches: SentenceBatch[] = [];
  for (let at = 0; at < order.length; at += batches.at(-1)!.indices.length) {
    const longest = pieces[order[at]!]!.length + 2;
    const seq = paddedSentence(longest, mostPieces);
    batches.push({ seq, indices: order.slice(at, at + Math.max(1, Math.floor(batchPieces / seq))) });
  }
  return batches;
}

function countShapes(batches: SentenceBatch[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const batch of batches) counts.set(shapeOf(batch), (counts.get(shapeOf(batch)) ?? 0) + 1);
  return counts;
}

function shapeOf({ indices, seq }: SentenceBatch): string {
  return `${indices.length} x ${seq}`;
}

async function compute(
  { tokenizer, encode, tensors, compiler }: SentenceModel,
  pieces: Int32Array[],
  batch: SentenceBatch,
  isFrequent: boolean,
): Promise<Float32Array> {
  const { indices, seq } = batch;
  const ids = new Int32Array(indices.length * seq).fill(tokenizer.pad);
  const lengths = Int32Array.from(indices, (index) => pieces[index]!.length + 2);
  for (const [row, index] of indices.entries()) {
    ids[row * seq] = tokenizer.cls;
    ids.set(pieces[index]!, row * seq + 1);
    ids[row * seq + lengths[row]! - 1] = tokenizer.sep;
  }
  const inputs = { ...encoderInputs({ ids, lengths }), tensors };
  const work = (fed: Fed<typeof inputs>) => encode({ ...onEngine(fed), batch: indices.length, seq });
  const key = shapeOf(batch);
  return take(compiler && isFrequent ? compiler.step(key, inputs, work, false) : eagerly(inputs, work));
}
