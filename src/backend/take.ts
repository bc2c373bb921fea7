import type * as tf from '@tensorflow/tfjs-core';
import { checkDevice, deviceError } from './failure.js';
import { isWebgpu, webgpuBackend } from './webgpu.js';

/**
 * A float32 tensor's values on the host; the tensor is disposed of. All that is read from a device goes
 * through here: what a failed one returns is an error, never numbers.
 */
export async function take(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    const values = (await tensor.data()) as Float32Array;
    checkDevice();
    return values;
  } catch (error) {
    // Why a read has failed, WebGPU tells a little later.
    for (let turn = 0; turn < 20 && isWebgpu() && !webgpuBackend().failure; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    throw deviceError(error);
  } finally {
    tensor.dispose();
  }
}
