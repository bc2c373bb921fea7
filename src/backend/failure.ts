import { types } from 'node:util';
import { InputError } from '../errors.js';
import { isWebgpu, webgpuBackend } from './webgpu.js';

/** The device has no memory for what was asked of it. */
export class OutOfMemory extends InputError {}

/** The device or its driver has ended under the program. */
export class DeviceLost extends InputError {}

/**
 * An engine's error as one of the above where it is one, else as it is. TensorFlow throws them where an op
 * is called; WebGPU tells them later.
 */
export function deviceError(error: unknown): unknown {
  if (error instanceof InputError) return error;
  const known = isWebgpu() ? webgpuBackend().failure : undefined;
  if (known || !types.isNativeError(error)) return known ?? error;
  const line = saidBy(error);
  // 8 is TensorFlow's RESOURCE_EXHAUSTED.
  if (/TF_Status: 8\b|OOM when allocating|Array buffer allocation failed/.test(error.message))
    return new OutOfMemory(`The device is out of memory (${line})`, { cause: error });
  if (/CUDA_ERROR_|CUDNN_STATUS_|failed to enqueue|GPU program failed to execute/.test(error.message))
    return new DeviceLost(`The GPU failed while it computed (${line}): see what dmesg says of its driver`, {
      cause: error,
    });
  return error;
}

/** The first line of what TensorFlow says in an error. */
export function saidBy({ message }: Error): string {
  return message.replace(/^Invalid TF_Status: \d+\s*(Message: )?/, '').split('\n')[0]!;
}

/** @throws DeviceLost, OutOfMemory or whatever else the device has told since it was started. */
export function checkDevice(): void {
  const failure = isWebgpu() ? webgpuBackend().failure : undefined;
  if (failure) throw failure;
}

/**
 * Computes a batch of `windows`. Where the device's memory does not hold it, the error says how many
 * windows it does hold: the largest of a half, a quarter, … for which `attempt` goes through.
 * @throws OutOfMemory, DeviceLost
 */
export async function computeBatch<T>(
  windows: number,
  compute: () => T | Promise<T>,
  attempt: (windows: number) => Promise<unknown>,
): Promise<T> {
  try {
    const result = await compute();
    checkDevice();
    return result;
  } catch (thrown) {
    const error = deviceError(thrown);
    if (!(error instanceof OutOfMemory)) throw error;
    const fitting = await largestFitting(windows, attempt);
    const advice = fitting
      ? `${windows} windows at once are too many, ${fitting} fit: set training.batchSize, or --batch-size of predict, to ${fitting}; training.accumulate makes up for a smaller batch`
      : 'not even one window fits: take shorter ones (data.windowPieces), a smaller encoder or another engine';
    throw new OutOfMemory(`${error.message}; ${advice}`, { cause: error });
  }
}

async function largestFitting(
  windows: number,
  attempt: (windows: number) => Promise<unknown>,
): Promise<number | undefined> {
  for (let size = Math.floor(windows / 2); size >= 1; size = Math.floor(size / 2))
    try {
      if (isWebgpu()) delete webgpuBackend().failure; // it was for the larger batch
      await attempt(size);
      return size;
    } catch (error) {
      if (!(deviceError(error) instanceof OutOfMemory)) return undefined;
    }
  return undefined;
}
