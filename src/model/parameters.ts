import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Random } from '../data/random.js';
import type { Encoded } from '../data/tokenizers/tokenizer.js';
import { adamSlot, type AdamSlot } from '../ops/adam.js';
import { variable, type Variable } from '../ops/variable.js';
import type { Model } from './model.js';
import { isTrained, type ParameterSpec, type Trainable, type Weights } from './part.js';
import { sizeOf, type WeightFile } from './weights/weightFile.js';

/**
 * Which rows of the word table are held: those of the pieces that the texts use, and of the one for hidden words where
 * they are hidden. The rest would get no gradient. Left out, they stay as they are: held, they would shrink by weight decay,
 * as those do that only validation documents use.
 */
export interface HeldRows {
  /** Piece ids, ascending; row i holds piece ids[i]. */
  ids: Int32Array;
  /** [vocabulary]: row of each piece, -1 where it is not held. */
  rowOf: Int32Array;
}

/** A parameter on the engine with its optimizer state. */
export interface ParameterSlot extends AdamSlot {
  spec: ParameterSpec;
  /** Over the steps of the training, where it is asked for: then this is the model's, and `weight` what is trained. */
  average?: Variable;
}

/** A model in training: every parameter with its optimizer state, on the engine. */
export interface Parameters {
  model: Model;
  slots: Map<string, ParameterSlot>;
  held: HeldRows;
}

/** Where a parameter's values come from at the start; undefined: drawn at random. */
export type ParameterSource = (name: string) => Promise<Float32Array> | undefined;

export function heldRows(usedIds: Iterable<number>, vocabularySize: number): HeldRows {
  const rowOf = new Int32Array(vocabularySize).fill(-1);
  const ids = Int32Array.from(new Set(usedIds)).sort();
  ids.forEach((id, row) => (rowOf[id] = row));
  return { ids, rowOf };
}

/** Those of the pieces of some texts, and of special ones; -1 is no piece. */
export function rowsInUse(
  texts: readonly Pick<Encoded, 'ids'>[],
  special: readonly number[],
  vocabularySize: number,
): HeldRows {
  const used = new Set(special.filter((id) => id >= 0));
  for (const { ids } of texts) for (const id of ids) used.add(id);
  return heldRows(used, vocabularySize);
}

/** Puts every parameter of a model on the engine, as `createSlots` does. */
export async function createParameters(
  model: Model,
  held: HeldRows,
  source: ParameterSource,
  random: Random,
): Promise<Parameters> {
  return { model, slots: await createSlots(model.parameters, held, source, random), held };
}

/**
 * Puts parameters on the engine: from `source` where it has them, else drawn from `random`. Where one cannot be
 * read, none stays there.
 */
export async function createSlots(
  parameters: readonly ParameterSpec[],
  held: HeldRows,
  source: ParameterSource,
  random: Random,
): Promise<Parameters['slots']> {
  const slots: Parameters['slots'] = new Map();
  try {
    for (const spec of parameters) {
      const whole = (await source(spec.name)) ?? spec.initial(sizeOf(spec.shape), random);
      const { values, shape } = heldPart(whole, spec, held);
      const tensor = tf.tensor(values, shape, 'float32');
      slots.set(spec.name, { ...adamSlot(variable(spec.name, tensor)), spec });
      tensor.dispose();
    }
  } catch (error) {
    disposeParameters({ slots });
    throw error;
  }
  return slots;
}

export function disposeParameters({ slots }: Pick<Parameters, 'slots'>): void {
  for (const { weight, first, second, average } of slots.values())
    for (const each of [weight, first, second, average]) each?.dispose();
}

/**
 * The parameters' values as they are now: those that are trained, or the model's, which may be averages. They belong to the current tidy; dispose of them before an
 * update, or the engine has to copy.
 */
export function readParameters(
  { slots }: Pick<Parameters, 'slots'>,
  which: 'trained' | 'model' = 'trained',
): {
  weights: Weights;
  values: tf.Tensor[];
} {
  const valueOf = ({ weight, average }: ParameterSlot) => (which === 'model' && average) || weight;
  const read = new Map([...slots].map(([name, slot]) => [name, valueOf(slot).read()]));
  return { weights: (name) => read.get(name)!, values: [...read.values()] };
}

/** Where TensorFlow holds them with their moments: what a step that reads or updates them has among its inputs. */
export function handlesOf(slots: Iterable<ParameterSlot>): tf.Tensor[] {
  const handles: tf.Tensor[] = [];
  for (const { weight, first, second, average } of slots)
    for (const each of [weight, first, second, average]) if (each?.handle) handles.push(each.handle);
  return handles;
}

/** Names of the parameters that are trained. */
export function trainedNames({ slots }: Pick<Parameters, 'slots'>, trainable: Trainable): string[] {
  return [...slots.values()].flatMap(({ spec }) => (isTrained(spec, trainable) ? [spec.name] : []));
}

/** A parameter's values in the model, on the host; of the word table all rows, those not held as in `base`. */
export async function wholeValues(
  { slots, held }: Pick<Parameters, 'slots' | 'held'>,
  name: string,
  base: Pick<WeightFile, 'read'> | undefined,
): Promise<Float32Array> {
  const { weight, average, spec } = slots.get(name)!;
  const values = await take((average ?? weight).read());
  const [rows, width = 1] = spec.shape;
  if (spec.use !== 'words' || held.ids.length === rows) return values;
  const whole = await base!.read(name);
  held.ids.forEach((id, row) => whole.set(values.subarray(row * width, (row + 1) * width), id * width));
  return whole;
}

/** What is held of a parameter's values. */
export function heldPart(
  whole: Float32Array,
  { shape, use }: Pick<ParameterSpec, 'shape' | 'use'>,
  { ids }: Pick<HeldRows, 'ids'>,
): { values: Float32Array; shape: number[] } {
  if (use !== 'words') return { values: whole, shape };
  const [, ...rest] = shape;
  return { values: pickRows(whole, ids, rest[0] ?? 1), shape: [ids.length, ...rest] };
}

function pickRows(table: Float32Array, ids: Int32Array, width: number): Float32Array {
  const rows = new Float32Array(ids.length * width);
  ids.forEach((id, row) => rows.set(table.subarray(id * width, (id + 1) * width), row * width));
  return rows;
}
