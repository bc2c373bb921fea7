import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { fillUniform, type UniformSeed } from './philox.js';
import { productKernel } from './wasm-product.js';

/** Gives the wasm backend the kernels that it lacks or has slow versions of. Before its first use. */
export function registerWasmKernels(): void {
  replaceKernel(productKernel());
  replaceKernel({ kernelName: 'Tanh', backendName: 'wasm', kernelFunc: tanh });
  replaceKernel({
    kernelName: 'StatelessUniform',
    backendName: 'wasm',
    kernelFunc: ({ backend, attrs }) => {
      const { shape, seed } = attrs as unknown as UniformAttributes;
      const wasm = backend as BackendWasm;
      const out = wasm.makeOutput(shape, 'float32');
      fillUniform(wasm.typedArrayFromHeap(out) as Float32Array, seed);
      return out;
    },
  });
  replaceKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const wasm = backend as BackendWasm;
      const out = wasm.makeOutput(segmentShape(inputs, attrs), 'float32');
      // Views are taken last: an allocation may move the heap.
      const [x, ids, sums] = [inputs.x!, inputs.segmentIds!, out].map((info) =>
        wasm.typedArrayFromHeap(info),
      );
      sumSegments(x as Float32Array, ids as Int32Array, sums as Float32Array);
      return out;
    },
  });
}

/** The cpu backend's own sum of segments goes over the whole input once for every segment. */
export function registerCpuKernels(): void {
  replaceKernel({
    kernelName: 'StatelessUniform',
    backendName: 'cpu',
    kernelFunc: ({ backend, attrs }) => {
      const { shape, seed } = attrs as unknown as UniformAttributes;
      const numbers = new Float32Array(tf.util.sizeFromShape(shape));
      fillUniform(numbers, seed);
      return (backend as MathBackendCPU).makeTensorInfo(shape, 'float32', numbers);
    },
  });
  replaceKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const cpu = backend as MathBackendCPU;
      const shape = segmentShape(inputs, attrs);
      const sums = new Float32Array(tf.util.sizeFromShape(shape));
      const [x, ids] = [inputs.x!, inputs.segmentIds!].map((info) => cpu.data.get(info.dataId).values);
      sumSegments(x as Float32Array, ids as Int32Array, sums);
      return cpu.makeTensorInfo(shape, 'float32', sums);
    },
  });
}

export interface UniformAttributes {
  shape: number[];
  seed: UniformSeed;
}

export function replaceKernel(config: tf.KernelConfig): void {
  const { kernelName, backendName } = config;
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel(config);
}

/** [segments, …]: of the sums of x's rows. */
export function segmentShape(inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap | undefined): number[] {
  const { numSegments } = attrs as unknown as { numSegments: number };
  return [numSegments, ...inputs.x!.shape.slice(inputs.segmentIds!.shape.length)];
}

/** Adds the i-th row of x to row ids[i] of the sums; rows whose id is out of range count nowhere. */
function sumSegments(x: Float32Array, ids: Int32Array, sums: Float32Array): void {
  sums.fill(0);
  const width = ids.length === 0 ? 0 : x.length / ids.length;
  for (let row = 0; row < ids.length; row++) {
    const to = ids[row]! * width;
    if (to < 0 || to + width > sums.length) continue;
    for (let i = 0; i < width; i++) sums[to + i]! += x[row * width + i]!;
  }
}

/** tanh x = 2 σ(2x) − 1: the backend's sigmoid is many times faster than its tanh. Within 2e-7. */
const tanh: tf.KernelFunc = ({ inputs, backend }) => {
  const wasm = backend as BackendWasm;
  const x = inputs.x!;
  const out = wasm.makeOutput(x.shape, 'float32');
  const doubled = wasm.typedArrayFromHeap(out);
  const values = wasm.typedArrayFromHeap(x);
  for (let i = 0; i < values.length; i++) doubled[i] = 2 * values[i]!;
  const sigmoid = tf.getKernel('Sigmoid', 'wasm').kernelFunc;
  const result = sigmoid({ inputs: { x: out }, backend }) as tf.TensorInfo;
  const scaled = wasm.typedArrayFromHeap(result);
  for (let i = 0; i < scaled.length; i++) scaled[i] = 2 * scaled[i]! - 1;
  wasm.disposeData(out.dataId);
  return result;
};
