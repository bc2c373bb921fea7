import { InputError } from '../../errors.js';

/** What a file says of one tensor. `dtype` is named as in safetensors: F32, F16, BF16, I64 … */
export interface WeightEntry {
  name: string;
  shape: number[];
  dtype: string;
}

/** Some of a tensor's rows: indices of its first dimension. */
export interface Rows {
  start: number;
  count: number;
}

/** An open file (or several) of named tensors; nothing but the names is in memory until a tensor is read. */
export interface WeightFile {
  /** What errors call the file. */
  file: string;
  entries: Map<string, WeightEntry>;
  /**
   * A tensor's values as float32, in row-major order. @throws InputError where the tensor is not there, or one of
   * its values is no number
   */
  read(name: string, rows?: Rows): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Where a tensor's bytes lie once some of its rows are chosen. */
export interface Extent {
  offset: number;
  values: number;
}

/** Number of values of a shape; NaN where it is past what a number counts exactly. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return Number.isSafeInteger(size) ? size : Number.NaN;
}

/** The values (counted from the tensor's first) that `rows` takes. @throws InputError past the last row */
export function extentOf(entry: WeightEntry, file: string, rows?: Rows): Extent {
  if (!rows) return { offset: 0, values: sizeOf(entry.shape) };
  const [height = 1, ...rest] = entry.shape;
  const { start, count } = rows;
  const whole = Number.isInteger(start) && Number.isInteger(count);
  if (!whole || start < 0 || count < 0 || start + count > height)
    throw new InputError(
      `${file}: ${entry.name} has ${height} rows; rows ${start} to ${start + count} were asked for`,
    );
  return { offset: start * sizeOf(rest), values: count * sizeOf(rest) };
}

/** The entry of that name. @throws InputError naming file and tensor */
export function entryOf<T extends WeightEntry>(entries: Map<string, T>, name: string, file: string): T {
  const entry = entries.get(name);
  if (!entry) throw new InputError(`${file}: there is no tensor ${name}`);
  return entry;
}

/**
 * @param by the file that says what shape it must be
 * @param advice what to do, with how it is joined to the sentence
 * @throws InputError where the tensor is missing or has another shape
 */
export function checkShape(
  { file, entries }: WeightFile,
  name: string,
  shape: readonly number[],
  by: string,
  advice = '',
): void {
  const entry = entries.get(name);
  if (String(entry?.shape) !== String(shape))
    throw new InputError(
      `${file}: ${name} ${entry ? `has shape [${entry.shape}]` : 'is missing'}; by ${by} it must be [${shape}]${advice}`,
    );
}

/** How a tensor of another file is shown under a new name. */
export interface View {
  from: string;
  /** [in, out] → [out, in]: TensorFlow's kernels are the transpose of PyTorch's linear weights. */
  transpose?: boolean;
}

/** `weights` with its tensors under other names; tensors without a view are hidden. */
export function viewWeights(weights: WeightFile, views: Map<string, View>): WeightFile {
  const entries = new Map<string, WeightEntry>();
  for (const [name, { from, transpose }] of views) {
    const { shape, dtype } = entryOf(weights.entries, from, weights.file);
    entries.set(name, { name, dtype, shape: transpose ? [...shape].reverse() : shape });
  }
  let last: { name: string; values: Float32Array } | undefined; // rows are asked for matrix by matrix
  return {
    file: weights.file,
    entries,
    close: () => weights.close(),
    async read(name, rows) {
      const entry = entryOf(entries, name, weights.file);
      const { from, transpose: turned } = views.get(name)!;
      if (!turned || entry.shape.length !== 2) return weights.read(from, rows);
      const { offset, values } = extentOf(entry, weights.file, rows);
      const [out, inputs] = entry.shape as [number, number];
      const transpose = async () => transposeMatrix(await weights.read(from), inputs, out);
      if (!rows) return transpose();
      if (last?.name !== name) last = { name, values: await transpose() };
      return last.values.slice(offset, offset + values);
    },
  };
}

/**
 * The tensors of several files as if they were in one.
 * @param homes the file that each tensor is read from
 * @param close closes them all
 * @throws InputError where a tensor is not in its file
 */
export function joinWeights(
  file: string,
  homes: ReadonlyMap<string, WeightFile>,
  close: WeightFile['close'],
): WeightFile {
  const entries = new Map([...homes].map(([name, home]) => [name, entryOf(home.entries, name, home.file)]));
  return {
    file,
    entries,
    async read(name, rows) {
      entryOf(entries, name, file);
      return homes.get(name)!.read(name, rows);
    },
    close,
  };
}

/** [rows, columns] → [columns, rows], in blocks that stay in the cache. */
export function transposeMatrix(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  const block = 32;
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(columns, left + block);
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++)
          result[column * rows + row] = values[row * columns + column]!;
    }
  }
  return result;
}
