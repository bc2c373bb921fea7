import * as tf from '@tensorflow/tfjs-core';
import { computeBatch } from '../backend/failure.js';
import { take } from '../backend/take.js';
import { eagerly, type Compiler, type Fed } from '../compile/compile.js';
import { calibratedSpans } from '../data/calibration.js';
import { chunksOf, frequentShapes, makeBatch, type Batch } from '../data/batches.js';
import type { FoundSpan } from '../data/document.js';
import type { Encoded, Tokenizer } from '../data/tokenizers/tokenizer.js';
import { windowsIn } from '../data/cutWindows.js';
import type { WindowConfig } from '../data/windows.js';
import { Interrupted } from '../errors.js';
import { areFinite, NotFinite } from '../model/finite.js';
import type { Decoding, Head } from '../model/heads/head.js';
import { encoderInputs, onEngine, type EncoderInputs } from '../model/inputs.js';
import { predict, predictFrom, type Model } from '../model/model.js';
import type { Weights } from '../model/part.js';
import { oneAhead } from './meanwhile.js';

/** A model ready to find spans. */
export interface Predictor {
  model: Model;
  weights: Weights;
  tokenizer: Pick<Tokenizer, 'encodeBatch' | 'cls' | 'sep' | 'pad'>;
  /** Rows of the pieces in the word table, where only some are held. */
  rowOf?: Int32Array;
  windows: WindowConfig;
  decoding: Decoding;
  /** Windows per batch. */
  batchSize: number;
  /** Stops it after the batch at hand, with `Interrupted`. */
  signal?: AbortSignal;
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

/** A text with what was found in it, and the head's scores of it. */
export interface Prediction extends EncodedText {
  spans: Record<string /*task*/, FoundSpan[]>;
  scores: Float32Array[];
}

/** Windows that are computed together, so that batches hold windows of like length; as many are read ahead. */
const WINDOWS_AT_ONCE = 256;

/** Whether a text of this name has its predictions already. */
export type IsDone = (name: string) => boolean;

/**
 * Finds spans in texts, one after the other, of any length and number: only as many are held as fill a
 * few batches. The predictions come in the order of the texts. Texts that are computed together are left out where
 * all of them are done: what is found in the others is the same to the bit as if none were.
 */
export async function* predictTexts(
  predictor: Predictor,
  texts: AsyncIterable<Text> | Iterable<Text>,
  isDone?: IsDone,
): AsyncGenerator<Prediction> {
  for await (const group of oneAhead(groupByWindows(predictor, texts, isDone)))
    yield* await predictEncoded(predictor, group);
}

/**
 * A shape's first batch among those computed together runs op by op, whatever was computed before; to compile it for
 * the second takes about what the third one gains.
 */
const WORTH_COMPILING = 3;

/**
 * Finds spans in texts that are tokenized already, all at once.
 * @throws NotFinite where a score is no number: no text would have a span
 */
export async function predictEncoded(predictor: Predictor, texts: EncodedText[]): Promise<Prediction[]> {
  const { model, tokenizer, decoding } = predictor;
  const { head, encoder } = model;
  const ranges = texts.map((text) => windowsIn(text, predictor.windows));
  const collectors = texts.map(({ encoded }, i) => head.collect(encoded, ranges[i]!, decoding));
  const windows = ranges.flatMap((list, document) =>
    list.map((range, number) => ({ ...range, document, positive: false, number })),
  );
  const examples = texts.map((text) => ({ ...text, targets: [], spans: {} }));
  windows.sort((a, b) => a.end - a.start - (b.end - b.start));
  const chunks = chunksOf(windows, predictor.batchSize);
  const isFrequent = frequentShapes(chunks, WORTH_COMPILING, encoder.positions);
  const shapes = new Set<string>();
  for (const chunk of chunks) {
    const batchOf = (some: typeof chunk) =>
      makeBatch(some, examples, tokenizer, undefined, undefined, encoder.positions);
    await othersTurn(predictor);
    const batch = batchOf(chunk);
    const shape = `${batch.batch} ${batch.seq}`;
    const isFirst = isFrequent(batch) ? !shapes.has(shape) : undefined;
    shapes.add(shape);
    const outputs = await computeBatch(
      chunk.length,
      () => compute(predictor, batch, isFirst),
      (count) => compute(predictor, batchOf(windows.slice(-count))), // the longest
    );
    if (!outputs.every(areFinite))
      throw new NotFinite(
        `The model's scores of ${texts[chunk[0]!.document]!.name} are no numbers: its weights are damaged, or its training lost them; take another checkpoint`,
      );
    chunk.forEach(({ document, number }, row) => collectors[document]!.add(number, row, batch.seq, outputs));
  }
  return texts.map(({ name, text, encoded }, i) => {
    const scores = collectors[i]!.scores();
    return { name, text, encoded, scores, spans: decode(head, scores, encoded, decoding) };
  });
}

/** What a head finds in a document of these scores, with calibrated ones where there are calibrations. */
export function decode(
  head: Pick<Head, 'decode'>,
  scores: readonly Float32Array[],
  encoded: Encoded,
  decoding: Decoding,
): Record<string /*task*/, FoundSpan[]> {
  return calibratedSpans(head.decode(scores, encoded, decoding), decoding.calibration);
}

/** Lets files be read and written, and signals come. */
async function othersTurn({ signal }: Predictor): Promise<void> {
  await tf.nextFrame();
  if (signal?.aborted) throw new Interrupted('Stopped while predicting');
}

/** What the head finds in one batch, on the host. `isFirst`: of a frequent shape, whether it is the first of it. */
async function compute(
  { model, weights, rowOf, compiler, hidden }: Predictor,
  batch: Batch,
  isFirst?: boolean,
): Promise<Float32Array[]> {
  const known = hidden?.(batch);
  const inputs = {
    ...encoderInputs(batch, rowOf),
    known,
    weights: model.parameters.map(({ name }) => weights(name)),
  };
  const work = (fed: Fed<EncoderInputs> & { known?: tf.Tensor }) => {
    const input = { ...batch, ...onEngine(fed) };
    return fed.known ? predictFrom(model, weights, fed.known, input) : predict(model, weights, input);
  };
  const key = `predict ${known ? 'hidden ' : ''}${batch.batch} ${batch.seq}`;
  const isCompiled = compiler && isFirst !== undefined;
  try {
    const outputs = isCompiled ? compiler.step(key, inputs, work, isFirst) : eagerly(inputs, work);
    return await Promise.all(outputs.map(take));
  } finally {
    known?.dispose();
  }
}

/** Texts by as many as fill a few batches, in pieces, without the groups in which all are done. */
export async function* groupByWindows(
  predictor: Predictor,
  texts: AsyncIterable<Text> | Iterable<Text>,
  isDone: IsDone = () => false,
): AsyncGenerator<EncodedText[]> {
  const { tokenizer, windows } = predictor;
  const isLeft = (group: EncodedText[]) => group.some(({ name }) => !isDone(name));
  let group: EncodedText[] = [];
  let count = 0;
  for await (const text of texts) {
    const [encoded] = await tokenizer.encodeBatch([text.text]);
    group.push({ ...text, encoded: encoded! });
    count += windowsIn(group.at(-1)!, windows).length;
    if (count < WINDOWS_AT_ONCE) continue;
    if (isLeft(group)) yield group;
    else await othersTurn(predictor);
    group = [];
    count = 0;
  }
  if (isLeft(group)) yield group;
}
