import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Fed } from '../compile/compile.js';
import { calibratedSpans } from '../data/calibration.js';
import { chunksOf, type Batch } from '../data/batches.js';
import type { FoundSpan } from '../data/document.js';
import type { Example, Window } from '../data/examples.js';
import type { Encoded } from '../data/tokenizers/tokenizer.js';
import { windowsIn } from '../data/cutWindows.js';
import { byLength } from '../data/windows.js';
import { InputError } from '../errors.js';
import type { Decoding, Head } from '../model/heads/head.js';
import { encoderInputs, onEngine, type EncoderInputs } from '../model/inputs.js';
import { predict, predictFrom } from '../model/model.js';
import { checkScores, eachBatch, othersTurn, runStep } from './batches.js';
import { throughGate, type Passed } from './gate.js';
import { oneAhead } from './meanwhile.js';
import type { EncodedText, Prediction, Predictor, Text } from './predictor.js';
import { untilStopped } from './stop.js';

/** Windows that are computed together, so that batches hold windows of like length; as many are read ahead. */
const WINDOWS_AT_ONCE = 256;
/** Windows of which the output of a gate's layer is held at once; only long texts have more. */
const GATED_AT_ONCE = 2 * WINDOWS_AT_ONCE;

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
  for await (const group of groupsAhead(predictor, texts, isDone))
    yield* await predictEncoded(predictor, group);
}

/**
 * Finds spans in texts that are tokenized already, all at once.
 * @throws NotFinite where a score is no number: no text would have a span
 */
export async function predictEncoded(predictor: Predictor, texts: EncodedText[]): Promise<Prediction[]> {
  const { decoding } = predictor;
  const { head } = predictor.model;
  const ofText = texts.map((text, document): Window[] =>
    windowsIn(text, predictor.windows).map((range) => ({ ...range, document, positive: false })),
  );
  const examples = texts.map((text): Example => ({ ...text, targets: [], spans: {} }));
  const all = byLength(ofText.flat());
  const parts = predictor.gate ? await readPassed(predictor, all, examples) : undefined;
  const read = parts?.windows ?? all;
  const isRead = new Set(read);
  const readOf = ofText.map((windows) => windows.filter((window) => isRead.has(window)));
  const numberOf = new Map(readOf.flatMap((windows) => windows.map((window, number) => [window, number])));
  const collectors = texts.map(({ encoded }, i) => head.collect(encoded, readOf[i]!, decoding));
  for await (const { windows, seq, outputs } of parts?.found ?? readAll(predictor, all, examples))
    windows.forEach((window, row) =>
      collectors[window.document]!.add(numberOf.get(window)!, row, seq, outputs),
    );
  return texts.map(({ name, text, encoded }, i) => {
    const scores = collectors[i]!.scores();
    const windows = { all: ofText[i]!.length, read: readOf[i]!.length };
    return { name, text, encoded, windows, scores, spans: decode(head, scores, encoded, decoding) };
  });
}

/** What the head finds in the windows of a batch, on the host. */
interface FoundInBatch extends Pick<Batch, 'windows' | 'seq'> {
  outputs: Float32Array[];
}

/** Reads windows to their end. */
async function* readAll(
  predictor: Predictor,
  windows: readonly Window[],
  examples: readonly Example[],
  passed?: { layer: number; hiddenOf: Passed['hiddenOf'] },
): AsyncGenerator<FoundInBatch> {
  const read = (batch: Batch, isFirst: boolean | undefined) => {
    const from = passed && { layer: passed.layer, hidden: passed.hiddenOf(batch) };
    return compute(predictor, batch, isFirst, from);
  };
  const chunks = chunksOf(windows, predictor.batchSize);
  for await (const { batch, outputs } of eachBatch(predictor, chunks, examples, read)) {
    checkScores(outputs, batch, examples);
    yield { windows: batch.windows, seq: batch.seq, outputs };
  }
}

/**
 * Reads the windows that the gate lets pass, part by part: of a long text, what the gate's layer has put out would fill the
 * memory. What decides a piece is known only when all have been before the gate: until then the head's numbers are held.
 */
async function readPassed(
  predictor: Predictor,
  all: readonly Window[],
  examples: readonly Example[],
): Promise<{ windows: Window[]; found: FoundInBatch[] }> {
  const gate = predictor.gate!;
  const windows: Window[] = [];
  const found: FoundInBatch[] = [];
  for (const part of chunksOf(all, GATED_AT_ONCE)) {
    const passed = await throughGate(predictor, gate, part, examples);
    try {
      for (const window of passed.windows) windows.push(window);
      const { layer } = gate;
      const { hiddenOf } = passed;
      for await (const one of readAll(predictor, passed.windows, examples, { layer, hiddenOf }))
        found.push(one);
    } finally {
      passed.dispose();
    }
  }
  return { windows, found };
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

/** What the head finds in one batch, on the host. `from`: what a lower layer has put out of it; it is disposed of. */
async function compute(
  { model, weights, rowOf, compiler, hidden }: Predictor,
  batch: Batch,
  isFirst?: boolean,
  from?: { layer: number; hidden: tf.Tensor },
): Promise<Float32Array[]> {
  const known = hidden?.(batch);
  const inputs = {
    ...encoderInputs(batch, rowOf),
    known,
    below: from?.hidden,
    weights: model.parameters.map(({ name }) => weights(name)),
  };
  const work = (fed: Fed<EncoderInputs> & { known?: tf.Tensor; below?: tf.Tensor }) => {
    const input = { ...batch, ...onEngine(fed) };
    if (fed.known) return predictFrom(model, weights, fed.known, input);
    return predict(model, weights, input, fed.below && { layer: from!.layer, hidden: fed.below });
  };
  const begun = known ? 'hidden ' : from ? `from layer ${from.layer} ` : '';
  try {
    const outputs = runStep(
      { compiler },
      `predict ${begun}${batch.batch} ${batch.seq}`,
      inputs,
      work,
      isFirst,
    );
    return await Promise.all(outputs.map(take));
  } finally {
    tf.dispose([known, from?.hidden] as tf.TensorContainer);
  }
}

/** Texts by as many as fill a few batches, in pieces, without the groups in which all are done; one group is read ahead. */
export function groupsAhead(
  predictor: Predictor,
  texts: AsyncIterable<Text> | Iterable<Text>,
  isDone?: IsDone,
): AsyncGenerator<EncodedText[]> {
  const begin = (stopped: AbortSignal) => groupByWindows(predictor, untilStopped(texts, stopped), isDone);
  return oneAhead(begin, predictor.signal);
}

async function* groupByWindows(
  predictor: Predictor,
  texts: AsyncIterable<Text>,
  isDone: IsDone = () => false,
): AsyncGenerator<EncodedText[]> {
  const { tokenizer, windows } = predictor;
  const isLeft = (group: EncodedText[]) => group.some(({ name }) => !isDone(name));
  let group: EncodedText[] = [];
  let count = 0;
  for await (const text of texts) {
    if (typeof text?.text !== 'string')
      throw new InputError(`the text ${text?.name} is none: each is { name, text }, the text a string`);
    const [encoded] = await tokenizer.encodeBatch([text.text]);
    group.push({ ...text, encoded: encoded! });
    count += windowsIn(group.at(-1)!, windows).length;
    if (count < WINDOWS_AT_ONCE) continue;
    if (isLeft(group)) yield group;
    else await othersTurn(predictor.signal);
    group = [];
    count = 0;
  }
  if (isLeft(group)) yield group;
}
