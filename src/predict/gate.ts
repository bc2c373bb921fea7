import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { take } from '../backend/take.js';
import { chunksOf, type Batch } from '../data/batches.js';
import type { Example, Window } from '../data/examples.js';
import { InputError } from '../errors.js';
import { gateFormat, type StoredGate } from '../formats/gate.js';
import { readStored } from '../formats/stored.js';
import { encode } from '../model/encoders/encode.js';
import { gateLogits, gateShapes, windowScores, type Gate, type GateWeights } from '../model/gate.js';
import { encoderInputs, onEngine } from '../model/inputs.js';
import type { Model } from '../model/model.js';
import { tidy } from '../ops/tidy.js';
import { checkScores, eachBatch, runStep } from './batches.js';
import type { Predictor } from './predictor.js';

/** Where a checkpoint has its gate. */
export const gateFile = (checkpoint: string) => join(checkpoint, 'gate.json');

/**
 * Puts the gate of a checkpoint on the engine.
 * @throws InputError where it has none, or one of another model
 */
export async function openGate(checkpoint: string, { encoder }: Model): Promise<Gate> {
  const file = gateFile(checkpoint);
  if (!existsSync(file))
    throw new InputError(
      `${checkpoint} has no gate (gate.json) to exit early by: make one with meddoprof gate and its run`,
    );
  const stored = await readStored(file, gateFormat);
  const parts = gateParts(stored);
  const shapes = gateShapes(encoder.hidden, stored.innerBias.length);
  const fits = PARTS.every((part) => parts[part].length === tf.util.sizeFromShape(shapes[part]));
  if (!fits || stored.layer >= encoder.layers)
    throw new InputError(`${file} is the gate of another model: make it again with meddoprof gate`);
  const { layer, threshold } = stored;
  return { layer, threshold, weights: gateOf((part) => tf.tensor(parts[part], shapes[part], 'float32')) };
}

const PARTS = ['inner', 'innerBias', 'outer', 'outerBias'] as const;

/** Something for each part of a gate. */
export function gateOf<T>(valueOf: (part: (typeof PARTS)[number], index: number) => T): GateWeights<T> {
  const [inner, innerBias, outer, outerBias] = PARTS.map(valueOf) as [T, T, T, T];
  return { inner, innerBias, outer, outerBias };
}

function gateParts({ inner, innerBias, outer, outerBias }: StoredGate): GateWeights<number[]> {
  return { inner, innerBias, outer, outerBias: [outerBias] };
}

type Reading = Pick<
  Predictor,
  'model' | 'weights' | 'tokenizer' | 'rowOf' | 'batchSize' | 'signal' | 'compiler'
>;

/** The windows that a gate lets pass, and what its layer has put out of them. */
export interface Passed {
  windows: Window[];
  /** Of a batch of consecutive ones of them: [batch*seq, hidden]. */
  hiddenOf(batch: Batch): tf.Tensor;
  dispose(): void;
}

/** Reads windows up to the gate's layer. They come, and stay, in the order of their lengths. */
export async function throughGate(
  predictor: Reading,
  gate: Gate,
  windows: readonly Window[],
  examples: readonly Example[],
): Promise<Passed> {
  const passed: Window[] = [];
  const kept: { first: number; states: tf.Tensor3D }[] = []; // [windows, seq, hidden]
  const dispose = () => tf.dispose(kept.map(({ states }) => states));
  try {
    for await (const { batch, scores, hidden } of readWindows(predictor, gate, windows, examples)) {
      const rows = [...scores.keys()].filter((row) => scores[row]! >= gate.threshold);
      const shape = [batch.batch, batch.seq, predictor.model.encoder.hidden];
      const states = tidy(() => tf.gather(tf.reshape(hidden, shape), tf.tensor1d(rows, 'int32')));
      hidden.dispose();
      kept.push({ first: passed.length, states: states as tf.Tensor3D });
      for (const row of rows) passed.push(batch.windows[row]!);
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const placeOf = new Map(passed.map((window, place) => [window, place]));
  return {
    windows: passed,
    dispose,
    hiddenOf({ windows: some, batch, seq }) {
      const from = placeOf.get(some[0]!)!;
      return tidy(() => {
        const parts = kept.flatMap(({ first, states }) => {
          const [begin, end] = [Math.max(from, first), Math.min(from + batch, first + states.shape[0])];
          return begin < end ? [cut(states, begin - first, end - begin, seq)] : [];
        });
        return tf.reshape(tf.concat(parts), [batch * seq, -1]);
      });
    },
  };
}

/** Some of the windows, each with so many rows; what was padding before is again. */
function cut(states: tf.Tensor3D, first: number, count: number, seq: number): tf.Tensor3D {
  const [, had, hidden] = states.shape;
  const some = tf.slice(states, [first, 0, 0], [count, Math.min(had, seq), hidden]);
  return tf.pad(some, [[0, 0], [0, Math.max(0, seq - had)], [0, 0]]); // prettier-ignore
}

/** The gate's score of each window of a batch, and what its layer puts out [batch*seq, hidden], which is the caller's. */
export async function* readWindows(
  predictor: Reading,
  { layer, weights }: Pick<Gate, 'layer' | 'weights'>,
  windows: readonly Window[],
  examples: readonly Example[],
): AsyncGenerator<{ batch: Batch; scores: Float32Array; hidden: tf.Tensor }> {
  const compute = async (batch: Batch, isFirst: boolean | undefined) => {
    const hidden = lowerStates(predictor, layer, batch, isFirst);
    try {
      const scores = await take(tidy(() => windowScores(gateLogits(hidden, weights), realOf(batch), batch)));
      checkScores([scores], batch, examples);
      return { hidden, scores };
    } catch (error) {
      hidden.dispose();
      throw error;
    }
  };
  const chunks = chunksOf(windows, predictor.batchSize);
  for await (const { batch, outputs } of eachBatch(predictor, chunks, examples, compute)) {
    yield { batch, ...outputs };
  }
}

/** What a layer puts out of a batch [batch*seq, hidden]. */
export function lowerStates(
  { model, weights, rowOf, compiler }: Omit<Reading, 'tokenizer'>,
  layer: number,
  batch: Batch,
  isFirst: boolean | undefined,
): tf.Tensor {
  const inputs = {
    ...encoderInputs(batch, rowOf),
    weights: model.parameters.map(({ name }) => weights(name)),
  };
  return runStep(
    { compiler },
    `to layer ${layer} ${batch.batch} ${batch.seq}`,
    inputs,
    (fed) => encode(model.encoder, weights, { ...batch, ...onEngine(fed) }, { until: layer }).output,
    isFirst,
  );
}

/** [batch*seq] */
export function realOf({ real }: Batch): tf.Tensor1D {
  return tf.tensor1d(real, 'float32');
}
