import type { Context } from '../context.js';
import { InputError } from '../errors.js';
import { familyOf } from '../model/encoders/registry.js';
import { wordTable, type ParameterSpec } from '../model/part.js';
import { openWeights } from '../model/weights/open.js';
import type { Rows, WeightFile } from '../model/weights/weightFile.js';

/** How much of the word table shows which pieces the training texts use. */
export interface WordRows {
  /** Rows that training has changed. */
  changed: number;
  rows: number;
}

/** The word table that training began with. */
export interface BaseWords {
  /** All of it, or some rows. */
  read(rows?: Rows): Promise<Float32Array>;
}

/**
 * Opens the encoder that a run began with.
 * @param shape of the run's word table, which must be the encoder's
 * @returns undefined for one that began with random weights
 * @throws InputError where it is not there, or is another one
 */
export async function openBase(
  folder: string | null,
  shape: readonly number[],
): Promise<{ words: BaseWords; close(): Promise<void> } | undefined> {
  if (folder === null) return undefined;
  const { config, weights } = await openWeights(folder);
  const table = wordTable(familyOf(config).parameters(config));
  if (String(table.shape) !== String(shape)) {
    await weights.close();
    throw new InputError(
      `${folder} has a word table of [${table.shape}], and the run's is [${shape}]: it is another encoder; say where the one is that it began with, by --set encoder.weights=…`,
    );
  }
  return { words: { read: (rows) => weights.read(table.name, rows) }, close: () => weights.close() };
}

/** Counts the rows of a model's word table that are not as training found them. */
export async function compareWords(
  weights: WeightFile,
  { name, shape }: ParameterSpec,
  base: BaseWords,
  context: Context,
): Promise<WordRows> {
  const [rows, width] = shape as [number, number];
  const reached = context.phase('words', rows);
  let changed = 0;
  for (let start = 0; start < rows; start += CHUNK) {
    const part = { start, count: Math.min(CHUNK, rows - start) };
    const [trained, before] = [await weights.read(name, part), await base.read(part)];
    for (let row = 0; row < part.count; row++)
      if (differs(trained, before, row * width, (row + 1) * width)) changed++;
    await reached(start + part.count);
  }
  return { changed, rows };
}

/** Rows that are read at once: 12 MiB of BERT's. */
const CHUNK = 4096;

function differs(a: Float32Array, b: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return true;
  return false;
}
