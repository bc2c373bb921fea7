import type * as tf from '@tensorflow/tfjs-core';
import type { Binding, RawTensor } from './trace.js';

interface TensorData {
  id: number;
  shape: number[];
  dtype: number;
  /** Until they are brought to TensorFlow. */
  values: ArrayBufferView | null;
}

/** tfjs-node's backend as it is inside. */
export interface NodeBackend {
  binding: Binding;
  tensorMap: { get(dataId: object): TensorData };
  write(this: NodeBackend, ...call: unknown[]): object;
  getInputTensorIds(this: NodeBackend, tensors: tf.TensorInfo[]): number[];
  createOutputTensor(raw: RawTensor): tf.Tensor;
}

/** As tfjs-node has it where TensorFlow holds nothing for a tensor. */
export const NONE = -1;

/** Numbers of TensorFlow (types.proto). */
export const DT_FLOAT = 1;
export const DT_INT32 = 3;

/** Gives traced tensors ids of TensorFlow. */
export function become(
  backend: NodeBackend,
  tensors: tf.Tensor[],
  idOf: (traced: number) => number | undefined,
): void {
  for (const tensor of tensors) {
    const info = backend.tensorMap.get(tensor.dataId);
    info.id = idOf(info.id) ?? info.id;
  }
}
