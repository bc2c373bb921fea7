import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Random } from '../data/random.js';
import { adamSlot, type AdamSlot } from '../ops/adam.js';
import { variable } from '../ops/variable.js';
import type { Trainable, Weights } from './encoder/encoder.js';
import { jointShapes, type JointConfig } from './joint.js';
import { embeddingName, layerPrefix } from './weights/names.js';
import { sizeOf, type WeightFile } from './weights/weightFile.js';

/**
 * Which rows of the word table are held: those of the pieces that the texts use. The rest would get no
 * gradient, so that leaving them out changes nothing but memory and time.
 */
export interface HeldRows {
  /** Piece ids, ascending; row i holds piece ids[i]. */
  ids: Int32Array;
  /** [vocabulary]: row of each piece, -1 where it is not held. */
  rowOf: Int32Array;
}

/** A model in training: every parameter with its optimizer state, on the engine. */
export interface Parameters {
  config: JointConfig;
  slots: Map<string, AdamSlot>;
  held: HeldRows;
}

/** Where a parameter's values come from at the start; undefined: drawn at random. */
export type ParameterSource = (name: string) => Promise<Float32Array> | undefined;

/** Share of pieces that a head's sigmoid expects to be inside a span before it has learned anything. */
const PRIOR = 0.02;
const DEVIATION = 0.02; // of BERT's own initialisation

export function heldRows(usedIds: Iterable<number>, vocabularySize: number): HeldRows {
  const rowOf = new Int32Array(vocabularySize).fill(-1);
  const ids = Int32Array.from(new Set(usedIds)).sort();
  ids.forEach((id, row) => (rowOf[id] = row));
  return { ids, rowOf };
}

/** Puts every parameter on the engine: from `source` where it has it, else drawn from `random`. */
export async function createParameters(
  config: JointConfig,
  held: HeldRows,
  source: ParameterSource,
  random: Random,
): Promise<Parameters> {
  const words = wordTable(config);
  const slots = new Map<string, AdamSlot>();
  for (const [name, shape] of jointShapes(config)) {
    const whole = (await source(name)) ?? initialValues(name, shape, config.units, random);
    const [values, kept] =
      name === words ? [pickRows(whole, held.ids, shape[1]!), [held.ids.length, shape[1]!]] : [whole, shape];
    const tensor = tf.tensor(values, kept, 'float32');
    slots.set(name, adamSlot(variable(name, tensor)));
    tensor.dispose();
  }
  return { config, slots, held };
}

export function disposeParameters({ slots }: Parameters): void {
  for (const { weight, first, second } of slots.values())
    for (const each of [weight, first, second]) each.dispose();
}

/**
 * The parameters' values as they are now. They belong to the current tidy; dispose of them before an
 * update, or the engine has to copy.
 */
export function readParameters({ slots }: Parameters): { weights: Weights; values: tf.Tensor[] } {
  const read = new Map([...slots].map(([name, { weight }]) => [name, weight.read()]));
  return { weights: (name) => read.get(name)!, values: [...read.values()] };
}

/** A parameter's values on the host; of the word table all rows, those not held as in `base`. */
export async function wholeValues(
  { slots, held, config }: Parameters,
  name: string,
  base: WeightFile | undefined,
): Promise<Float32Array> {
  const values = await take(slots.get(name)!.weight.read());
  if (name !== wordTable(config) || held.ids.length === config.encoder.vocabularySize) return values;
  const hidden = config.encoder.hidden;
  const whole = await base!.read(name);
  held.ids.forEach((id, row) => whole.set(values.subarray(row * hidden, (row + 1) * hidden), id * hidden));
  return whole;
}

export function wordTable({ encoder }: JointConfig): string {
  return embeddingName(encoder.type, 'word_embeddings.weight');
}

/** Whether a parameter is trained: those of the encoder where their part is, those above it always. */
export function isTrained(
  { encoder }: JointConfig,
  name: string,
  { embeddings, layers }: Trainable,
): boolean {
  if (isNewLayer(name)) return true;
  const layer = layers.findIndex((_, index) => name.startsWith(`${layerPrefix(encoder.type, index)}.`));
  return layer < 0 ? embeddings : layers[layer]!;
}

/** Whether a parameter is above the pretrained encoder. */
export function isNewLayer(name: string): boolean {
  return name.startsWith('bilstm.') || name.startsWith('heads.');
}

function pickRows(table: Float32Array, ids: Int32Array, width: number): Float32Array {
  const rows = new Float32Array(ids.length * width);
  ids.forEach((id, row) => rows.set(table.subarray(id * width, (id + 1) * width), row * width));
  return rows;
}

/**
 * Norms start as the identity, other encoder weights as BERT's own, the BiLSTM as PyTorch's nn.LSTM with a
 * forget gate that starts open, the heads at the prior of a rare label.
 */
function initialValues(name: string, shape: number[], units: number, random: Random): Float32Array {
  const size = sizeOf(shape);
  const fill = (value: number) => new Float32Array(size).fill(value);
  if (/norm\.weight$/i.test(name)) return fill(1);
  if (name.startsWith('bilstm.bias')) return fill(0).fill(1, units, 2 * units);
  if (/^heads\..*\.bias$/.test(name)) return fill(Math.log(PRIOR / (1 - PRIOR)));
  if (name.endsWith('.bias')) return fill(0);
  const bound = 1 / Math.sqrt(units);
  const draw = name.startsWith('bilstm.')
    ? () => (2 * random.next() - 1) * bound
    : () => DEVIATION * normal(random);
  return Float32Array.from({ length: size }, draw);
}

/** A standard normal number (Box & Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
