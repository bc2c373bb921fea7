import * as tf from '@tensorflow/tfjs-core';
import { computeBatch } from '../backend/failure.js';
import { eagerly, type Fed } from '../compile/compile.js';
import { frequentShapes, makeBatch, type Batch } from '../data/batches.js';
import type { Example, Window } from '../data/examples.js';
import { byLength } from '../data/windows.js';
import { areFinite, NotFinite } from '../model/finite.js';
import type { Predictor } from './predictor.js';
import { checkStopped } from './stop.js';

/**
 * A shape's first batch among those computed together runs op by op, whatever was computed before; to compile it for
 * the second takes about what the third one gains.
 */
const WORTH_COMPILING = 3;

/** One batch's work. `isFirst`: of a frequent shape, whether it is the first of it. */
type Compute<T> = (batch: Batch, isFirst: boolean | undefined) => Promise<T>;

/** Makes batches of windows and computes them, one after the other. Others have their turn between two. */
export async function* eachBatch<T>(
  { model: { encoder }, tokenizer, signal }: Pick<Predictor, 'model' | 'tokenizer' | 'signal'>,
  chunks: readonly Window[][],
  examples: readonly Example[],
  compute: Compute<T>,
): AsyncGenerator<{ batch: Batch; outputs: T }> {
  const isFrequent = frequentShapes(chunks, WORTH_COMPILING, encoder.positions);
  const batchOf = (some: readonly Window[]) =>
    makeBatch(some, examples, tokenizer, { mostPieces: encoder.positions });
  const shapes = new Set<string>();
  for (const chunk of chunks) {
    await othersTurn(signal);
    const batch = batchOf(chunk);
    const shape = `${batch.batch} ${batch.seq}`;
    const isFirst = isFrequent(batch) ? !shapes.has(shape) : undefined;
    shapes.add(shape);
    const outputs = await computeBatch(
      chunk.length,
      () => compute(batch, isFirst),
      async (count) =>
        tf.dispose((await compute(batchOf(longest(chunks, count)), undefined)) as tf.TensorContainer),
    );
    yield { batch, outputs };
  }
}

/** Lets files be read and written, and signals come. @throws Interrupted */
export async function othersTurn(signal: AbortSignal | undefined): Promise<void> {
  await tf.nextFrame();
  checkStopped(signal);
}

function longest(chunks: readonly Window[][], count: number): Window[] {
  return byLength(chunks.flat()).slice(-count);
}

/** Runs a step as a single call where its shape is frequent, else op by op. */
export function runStep<I, T>(
  { compiler }: Pick<Predictor, 'compiler'>,
  key: string,
  inputs: I,
  work: (fed: Fed<I>) => T,
  isFirst: boolean | undefined,
): T {
  return compiler && isFirst !== undefined
    ? compiler.step(key, inputs, work, isFirst)
    : eagerly(inputs, work);
}

/** @throws NotFinite naming the text where a score is no number: no text would have a span */
export function checkScores(
  outputs: readonly Float32Array[],
  { windows }: Batch,
  texts: readonly { name: string }[],
): void {
  if (outputs.every(areFinite)) return;
  throw new NotFinite(
    `The model's scores of ${texts[windows[0]!.document]!.name} are no numbers: its weights are damaged, or its training lost them; take another checkpoint`,
  );
}
