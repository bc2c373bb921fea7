import * as tf from '@tensorflow/tfjs-core';
import { computeBatch } from '../backend/failure.js';
import { take } from '../backend/take.js';
import type { Compiler } from '../compile/compile.js';
import type { Config } from '../config/schema.js';
import { chunksOf, frequentShapes, makeBatch, type Batch } from '../data/batches.js';
import { decodeSpans, poolWords } from '../data/decode.js';
import type { Span } from '../data/document.js';
import type { Encoded, Tokenizer } from '../data/tokenizer.js';
import { bestWindow, windowsOf } from '../data/windows.js';
import type { Weights } from '../model/encoder/encoder.js';
import { headProbabilities, probabilities, type JointConfig } from '../model/joint.js';
import { oneAhead } from './meanwhile.js';

/** A model ready to find spans. */
export interface Predictor {
  config: JointConfig;
  weights: Weights;
  tokenizer: Pick<Tokenizer, 'encodeBatch' | 'cls' | 'sep' | 'pad'>;
  /** Rows of the pieces in the word table, where only some are held. */
  rowOf?: Int32Array;
  windows: Pick<Config['data'], 'windowPieces' | 'windowStride'>;
  decoding: Config['decoding'];
  /** Windows per batch. */
  batchSize: number;
  /** Runs frequent shapes of batches as single calls; op by op without it. */
  compiler?: Compiler;
  /** The encoder's output for a batch [batch*seq, hidden], where it is known already. */
  hidden?: (batch: Batch) => tf.Tensor;
}

export interface Text {
  name: string;
  text: string;
}

export interface EncodedText extends Text {
  encoded: Encoded;
}

/** A text with what was found in it; probabilities are per head, [words * channels]. */
export interface Prediction extends Text {
  spans: Record<string /*task*/, Span[]>;
  probabilities: Float32Array[];
}

/** Windows that are computed together, so that batches hold windows of like length; as many are read ahead. */
const WINDOWS_AT_ONCE = 256;

/**
 * Finds spans in texts, one after the other, of any length and number: only as many are held as fill a
 * few batches. The predictions come in the order of the texts.
 */
export async function* predictTexts(
  predictor: Predictor,
  texts: AsyncIterable<Text> | Iterable<Text>,
): AsyncGenerator<Prediction> {
  for await (const group of oneAhead(groupByWindows(predictor, texts)))
    yield* await predictEncoded(predictor, group);
}

/** A shape's first batch runs op by op; to compile it for the second takes about what the third one gains. */
const WORTH_COMPILING = 3;

/** Finds spans in texts that are tokenized already, all at once. */
export async function predictEncoded(predictor: Predictor, texts: EncodedText[]): Promise<Prediction[]> {
  const { config, tokenizer, decoding } = predictor;
  const pieces = texts.map(({ encoded }) => pieceProbabilities(config, encoded.ids.length));
  const ranges = texts.map(({ encoded }) => windowsOf(encoded.ids.length, predictor.windows));
  const best = ranges.map((windows, i) => bestWindow(windows, texts[i]!.encoded.ids.length));
  const windows = ranges.flatMap((list, document) =>
    list.map((range, number) => ({ ...range, document, positive: false, number })),
  );
  const examples = texts.map((text) => ({ ...text, targets: [], spans: {} }));
  windows.sort((a, b) => a.end - a.start - (b.end - b.start));
  const chunks = chunksOf(windows, predictor.batchSize);
  const isFrequent = frequentShapes(chunks, WORTH_COMPILING, config.encoder.positions);
  for (const chunk of chunks) {
    const batchOf = (some: typeof chunk) =>
      makeBatch(some, examples, tokenizer, [], undefined, config.encoder.positions);
    await tf.nextFrame(); // let files be read and written
    const batch = batchOf(chunk);
    const outputs = await computeBatch(
      chunk.length,
      () => compute(predictor, batch, isFrequent(batch)),
      (count) => compute(predictor, batchOf(windows.slice(-count)), false), // the longest
    );
    chunk.forEach((window, row) => {
      const takes = best[window.document]!;
      outputs.forEach((values, head) => {
        const channels = config.heads[head]!.channels.length;
        const target = pieces[window.document]![head]!;
        for (let piece = window.start; piece < window.end; piece++) {
          if (takes[piece] !== window.number) continue;
          const from = (row * batch.seq + 1 + piece - window.start) * channels;
          target.set(values.subarray(from, from + channels), piece * channels);
        }
      });
    });
  }
  return texts.map(({ name, text, encoded }, i) => {
    const words = config.heads.map(({ channels }, head) =>
      poolWords(pieces[i]![head]!, encoded.words, channels.length, decoding.pooling),
    );
    return { name, text, probabilities: words, spans: decodeSpans(config.heads, words, encoded, decoding) };
  });
}

/** One batch's probabilities on the host, per head [batch*seq*channels]. */
async function compute(
  { config, weights, rowOf, compiler, hidden }: Predictor,
  batch: Batch,
  isFrequent: boolean,
): Promise<Float32Array[]> {
  const known = hidden?.(batch);
  const step = () =>
    tf.tidy(() => {
      if (known) return headProbabilities(config, weights, known, batch);
      const ids = rowOf ? batch.ids.map((id) => rowOf[id]!) : batch.ids;
      return probabilities(config, weights, { ...batch, rows: tf.tensor1d(ids, 'int32') });
    });
  const key = `predict ${known ? 'hidden ' : ''}${batch.batch} ${batch.seq}`;
  try {
    const outputs =
      compiler && (isFrequent || compiler.functions.has(key)) ? compiler.run(key, step) : step();
    return await Promise.all(outputs.map(take));
  } finally {
    known?.dispose();
  }
}

function pieceProbabilities({ heads }: JointConfig, pieceCount: number): Float32Array[] {
  return heads.map(({ channels }) => new Float32Array(pieceCount * channels.length));
}

/** Texts by as many as fill a few batches, in pieces. */
export async function* groupByWindows(
  { tokenizer, windows }: Predictor,
  texts: AsyncIterable<Text> | Iterable<Text>,
): AsyncGenerator<EncodedText[]> {
  let group: EncodedText[] = [];
  let count = 0;
  for await (const text of texts) {
    const [encoded] = await tokenizer.encodeBatch([text.text]);
    group.push({ ...text, encoded: encoded! });
    count += windowsOf(encoded!.ids.length, windows).length;
    if (count < WINDOWS_AT_ONCE) continue;
    yield group;
    group = [];
    count = 0;
  }
  if (group.length > 0) yield group;
}
