import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';

/** What computes, as its driver says. */
export interface Adapter {
  name: string;
  /** It is a program on the CPU, such as SwiftShader or llvmpipe. */
  isSoftware: boolean;
}

/** TensorFlow.js' backend with what it must be asked for here. */
export interface WebgpuBackend extends WebGPUBackend {
  adapter: Adapter;
  api: GPU;
  /** The first error of the device. It is known some time after the op that it ended; all later values are void. */
  failure?: Error;
}

/** True where ops are computed through WebGPU: values can be read with `await` only. */
export const isWebgpu = (): boolean => tf.getBackend() === 'webgpu';

/** @throws Error where another backend is current. */
export function webgpuBackend(): WebgpuBackend {
  if (!isWebgpu())
    throw new Error(`a WebGPU program needs the webgpu engine, and ${tf.getBackend()} computes`);
  return tf.backend() as WebgpuBackend;
}

/** What one tensor can fill at most, in bytes. */
export function largestTensor({ device }: WebgpuBackend): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return Math.min(maxBufferSize, maxStorageBufferBindingSize);
}
