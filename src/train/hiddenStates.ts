import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { makeBatch, type Batch } from '../data/batches.js';
import type { Example } from '../data/examples.js';
import type { Tokenizer } from '../data/tokenizer.js';
import type { Window } from '../data/windows.js';
import { InputError } from '../errors.js';
import { encode } from '../model/encoder/encoder.js';
import { readParameters, type Parameters } from '../model/parameters.js';

/** Outputs of a frozen encoder, window by window, in a file: an epoch then costs only what is above it. */
export interface HiddenStates {
  /** The encoder's output for a batch [batch*seq, hidden]; zeros in the padding. */
  read(batch: Pick<Batch, 'windows' | 'batch' | 'seq'>): Promise<tf.Tensor>;
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
}

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * Opens the file of hidden states for these weights and windows in `folder`, and computes it where it is
 * not there. Float32: hidden × pieces × 4 bytes.
 */
export async function cacheHiddenStates(
  folder: string,
  input: HiddenInput,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<HiddenStates> {
  const { hidden } = input.parameters.config.encoder;
  const offsets = layOut(input.windows, hidden);
  const file = join(folder, `hidden-${keyOf(input)}.f32`);
  const complete = await stat(file).then(
    ({ size }) => size === offsets.total,
    () => false,
  );
  if (!complete) await computeFile(file, folder, input, offsets.of, onProgress);
  const handle = await open(file, 'r');
  return {
    close: () => handle.close(),
    read: async ({ windows, batch, seq }) => {
      const values = new Float32Array(batch * seq * hidden);
      for (const [row, window] of windows.entries()) {
        const length = rowsOf(window) * hidden;
        const target = new Uint8Array(values.buffer, row * seq * hidden * BYTES, length * BYTES);
        const { bytesRead } = await handle.read(target, 0, target.length, offsets.of.get(window)!);
        if (bytesRead < target.length)
          throw new InputError(
            `${file} was cut short while it was in use: resume the run, which makes it again`,
          );
      }
      return tf.tensor2d(values, [batch * seq, hidden]);
    },
  };
}

async function computeFile(
  file: string,
  folder: string,
  input: HiddenInput,
  offsets: Map<Window, number>,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = `${file}.part`;
  const handle = await open(temporary, 'w');
  try {
    const byLength = [...input.windows].sort((a, b) => rowsOf(a) - rowsOf(b));
    for (let first = 0; first < byLength.length; first += input.batchSize) {
      const windows = byLength.slice(first, first + input.batchSize);
      await writeBatch(handle, windows, input, offsets);
      onProgress(Math.min(byLength.length, first + input.batchSize), byLength.length);
    }
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeBatch(
  handle: FileHandle,
  windows: Window[],
  { parameters, examples, tokenizer }: HiddenInput,
  offsets: Map<Window, number>,
): Promise<void> {
  const { encoder } = parameters.config;
  const batch = makeBatch(windows, examples, tokenizer, [], undefined, encoder.positions);
  const output = tf.tidy(() => {
    const rows = tf.tensor1d(
      batch.ids.map((id) => parameters.held.rowOf[id]!),
      'int32',
    );
    return encode(encoder, readParameters(parameters).weights, { ...batch, rows }).output;
  });
  const values = output.dataSync() as Float32Array;
  output.dispose();
  for (const [row, window] of windows.entries()) {
    const start = (values.byteOffset ?? 0) + row * batch.seq * encoder.hidden * BYTES;
    const bytes = new Uint8Array(values.buffer, start, rowsOf(window) * encoder.hidden * BYTES);
    const { bytesWritten } = await handle.write(bytes, 0, bytes.length, offsets.get(window)!);
    if (bytesWritten < bytes.length)
      throw new InputError(
        'the outputs of the frozen encoder do not fit on the disk: make room, or set training.cacheFrozen to false',
      );
  }
}

function layOut(windows: Window[], hidden: number): { of: Map<Window, number>; total: number } {
  const of = new Map<Window, number>();
  let total = 0;
  for (const window of windows) {
    of.set(window, total);
    total += rowsOf(window) * hidden * BYTES;
  }
  return { of, total };
}

/** [CLS], the pieces, [SEP]. */
function rowsOf({ start, end }: Window): number {
  return end - start + 2;
}

function keyOf({ windows, examples, weightsKey }: HiddenInput): string {
  const hash = createHash('sha256').update(weightsKey);
  for (const { document, start, end } of windows) hash.update(`${document} ${start} ${end};`);
  for (const { encoded } of examples) hash.update(encoded.ids);
  return hash.digest('hex').slice(0, 16);
}
