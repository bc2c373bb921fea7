import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Config } from '../config/schema.js';
import { makeBatch, type Batch } from '../data/batches.js';
import type { Example, Window } from '../data/examples.js';
import type { Context, Reached } from '../context.js';
import { lockWaiting } from '../files/holding.js';
import { removeDeadLock } from '../files/lock.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { byLength, type PieceRange } from '../data/windows.js';
import { InputError, Interrupted } from '../errors.js';
import { removeLeftovers } from '../files/temporary.js';
import { syncFile } from '../files/write.js';
import { encode } from '../model/encoders/encode.js';
import { readParameters, type Parameters } from '../model/parameters.js';
import { fromHalf, toHalf } from '../model/weights/dtype.js';

/** Outputs of a frozen encoder, window by window, in a file: an epoch then costs only what is above it. */
export interface HiddenStates {
  /** The encoder's output for a batch [batch*seq, hidden]; zeros in the padding. */
  read(batch: Pick<Batch, 'windows' | 'batch' | 'seq'>): tf.Tensor;
  close(): Promise<void>;
}

export interface HiddenInput {
  parameters: Parameters;
  examples: Example[];
  windows: Window[];
  tokenizer: Pick<Tokenizer, 'cls' | 'sep' | 'pad'>;
  batchSize: number;
  /** Says which weights these are: a file made with others is not used. */
  weightsKey: string;
  precision: Precision;
}
/** Of the file: windows by length. Files of another layout have another name. */
const LAYOUT = 2;

type Precision = Config['training']['cachePrecision'];
type Place = PieceRange & Pick<Window, 'document'>;

/** How a file holds values. */
const formats = {
  float32: {
    extension: 'f32',
    bytes: 4,
    encode: (values: Float32Array) => values,
    decode: (buffer: ArrayBuffer) => new Float32Array(buffer),
  },
  float16: {
    extension: 'f16',
    bytes: 2,
    encode: toHalf,
    decode: (buffer: ArrayBuffer) => fromHalf(new Uint16Array(buffer)),
  },
};

/**
 * Opens the file of hidden states for these weights and windows in `folder`, and computes it where it is
 * not there: hidden × pieces × 4 bytes, or 2 in float16. Runs that share a folder wait for the one that computes.
 */
export async function cacheHiddenStates(
  folder: string,
  input: HiddenInput,
  reached: Reached,
  context: Context,
): Promise<HiddenStates> {
  const { hidden } = input.parameters.model.encoder;
  const format = formats[input.precision];
  const { placeOf, total } = layOut(input.windows, hidden * format.bytes);
  const file = join(folder, `hidden-${keyOf(input)}.${format.extension}`);
  const isComplete = () =>
    stat(file).then(
      ({ size }) => size === total,
      () => false,
    );
  if (await isComplete()) await removeDeadLock(`${file}.lock`);
  else {
    await mkdir(folder, { recursive: true });
    const unlock = await lockWaiting(`${file}.lock`, "computing the same frozen encoder's outputs", context);
    try {
      await removeLeftovers(folder);
      if (!(await isComplete())) await computeFile(file, input, placeOf, reached);
    } finally {
      unlock();
    }
  }
  const handle = await open(file, 'r');
  return {
    close: () => handle.close(),
    read: ({ windows, batch, seq }) => {
      const values = new Float32Array(batch * seq * hidden);
      for (const [row, window] of windows.entries()) {
        const bytes = new Uint8Array(rowsOf(window) * hidden * format.bytes);
        if (readSync(handle.fd, bytes, 0, bytes.length, placeOf(window)) < bytes.length)
          throw new InputError(
            `${file} was cut short while it was in use: resume the run, which makes it again`,
          );
        values.set(format.decode(bytes.buffer), row * seq * hidden);
      }
      return tf.tensor2d(values, [batch * seq, hidden]);
    },
  };
}

/** Batch after batch, in the order in which they stand in the file: what a stopped process left is gone on from. */
async function computeFile(
  file: string,
  input: HiddenInput,
  placeOf: (window: Place) => number,
  reached: Reached,
): Promise<void> {
  const temporary = `${file}.part`;
  const handle = await open(temporary, 'a+');
  try {
    const windows = byLength(input.windows);
    const { size } = await handle.stat();
    let started = 0;
    while (started < windows.length && endOf(started) <= size) started += input.batchSize;
    await handle.truncate(started === 0 ? 0 : placeOf(windows[started]!));
    for (let first = started; first < windows.length; first += input.batchSize) {
      await writeBatch(handle, windows.slice(first, first + input.batchSize), input);
      const done = first + input.batchSize;
      if (done < windows.length) await reached(done);
    }
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
    await syncFile(dirname(file));

    /** Where the batch that begins with this window ends. */
    function endOf(at: number): number {
      const next = windows[at + input.batchSize];
      return next ? placeOf(next) : Infinity;
    }
  } catch (error) {
    await handle.close().catch(() => undefined);
    if (!(error instanceof Interrupted)) await rm(temporary, { force: true });
    throw error;
  }
}

async function writeBatch(
  handle: FileHandle,
  windows: Window[],
  { parameters, examples, tokenizer, precision }: HiddenInput,
): Promise<void> {
  const { encoder } = parameters.model;
  const batch = makeBatch(windows, examples, tokenizer, { mostPieces: encoder.positions });
  const output = tf.tidy(() => {
    const rows = tf.tensor1d(
      batch.ids.map((id) => parameters.held.rowOf[id]!),
      'int32',
    );
    return encode(encoder, readParameters(parameters).weights, { ...batch, rows }).output;
  });
  const values = await take(output);
  for (const [row, window] of windows.entries()) {
    const start = row * batch.seq * encoder.hidden;
    const kept = formats[precision].encode(values.subarray(start, start + rowsOf(window) * encoder.hidden));
    const bytes = new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length)
      throw new InputError(
        'the outputs of the frozen encoder do not fit on the disk: make room, or set training.cacheFrozen to false',
      );
  }
}

/** Where each window's rows begin in the file, which has the shortest window first, and its size in bytes. */
function layOut(windows: Window[], bytesPerRow: number) {
  const places = new Map<string, number>();
  const nameOf = ({ document, start, end }: Place) => `${document} ${start} ${end}`;
  let total = 0;
  for (const window of byLength(windows)) {
    places.set(nameOf(window), total);
    total += rowsOf(window) * bytesPerRow;
  }
  const placeOf = (window: Place) => {
    const place = places.get(nameOf(window));
    if (place === undefined) throw new RangeError(`no outputs are kept of the window ${nameOf(window)}`);
    return place;
  };
  return { placeOf, total };
}

/** [CLS], the pieces, [SEP]. */
function rowsOf({ start, end }: Place): number {
  return end - start + 2;
}

function keyOf({ windows, examples, weightsKey }: HiddenInput): string {
  const hash = createHash('sha256').update(`${LAYOUT} ${weightsKey}`);
  for (const { document, start, end } of windows) hash.update(`${document} ${start} ${end};`);
  for (const { encoded } of examples) hash.update(encoded.ids);
  return hash.digest('hex').slice(0, 16);
}
