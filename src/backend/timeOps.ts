import * as tf from '@tensorflow/tfjs-core';
import { isNative, nativeBackend, type NativeBinding } from './native.js';

/** All calls of one op. */
export interface OpTimes {
  calls: number;
  /** On a GPU until it is handed over: it computes meanwhile. */
  milliseconds: number;
  /** That its outputs take. */
  bytes: number;
  /** Of matrix products and LSTMs, multiplications and additions; 0 for other ops. */
  flops: number;
}

/** Runs `action` and times the ops of the engine that it calls, by their names. */
export async function timeOps<T extends tf.TensorContainer>(
  action: () => T,
): Promise<{ result: T; ops: Map<string, OpTimes> }> {
  return isNative() ? timeNative(action) : timeKernels(action);
}

/** The addon's own object cannot be changed, so another one stands in for it meanwhile. */
function timeNative<T>(action: () => T): { result: T; ops: Map<string, OpTimes> } {
  const backend = nativeBackend();
  const { binding } = backend;
  const ops = new Map<string, OpTimes>();
  const shapes = new Map<number, number[]>();
  const names = Object.getOwnPropertyNames(binding) as (keyof NativeBinding)[];
  backend.binding = {
    ...(Object.fromEntries(names.map((name) => [name, binding[name]])) as unknown as NativeBinding),
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values);
      shapes.set(id, shape);
      return id;
    },
    executeOp(name, attributes, ids, count) {
      const start = performance.now();
      const outputs = binding.executeOp(name, attributes, ids, count);
      const milliseconds = performance.now() - start;
      for (const { id, shape } of outputs) shapes.set(id, shape);
      const bytes = outputs.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * widthOf(dtype), 0);
      const inputs = ids.map((id) => shapes.get(id));
      add(ops, name, { milliseconds, bytes, flops: flopsOf(name, inputs, outputs[0]?.shape) });
      return outputs;
    },
  };
  try {
    return { result: action(), ops };
  } finally {
    backend.binding = binding;
  }
}

async function timeKernels<T extends tf.TensorContainer>(
  action: () => T,
): Promise<{ result: T; ops: Map<string, OpTimes> }> {
  let result: T;
  const { kernels } = await tf.profile(() => (result = action()));
  const ops = new Map<string, OpTimes>();
  for (const { name, kernelTimeMs, bytesAdded, inputShapes, outputShapes } of kernels) {
    const milliseconds = await kernelTimeMs;
    const flops = flopsOf(name, inputShapes, outputShapes[0] as number[] | undefined);
    const known = typeof milliseconds === 'number' ? milliseconds : 0;
    add(ops, name, { milliseconds: known, bytes: bytesAdded, flops });
  }
  return { result: result!, ops };
}

function add(ops: Map<string, OpTimes>, name: string, one: Omit<OpTimes, 'calls'>): void {
  const sum = ops.get(name) ?? { calls: 0, milliseconds: 0, bytes: 0, flops: 0 };
  ops.set(name, sum);
  sum.calls += 1;
  sum.milliseconds += one.milliseconds;
  sum.bytes += one.bytes;
  sum.flops += one.flops;
}

/** Names of matrix products in TensorFlow and in TensorFlow.js. */
export const isProduct = (name: string) => /^_?(Batch|Fused)?MatMul(V2)?$/.test(name);

/** Two for every product of two numbers that is added up. */
function flopsOf(name: string, inputs: (number[] | undefined)[], output: number[] | undefined): number {
  if (name.startsWith('CudnnRNN')) {
    const [steps, batch] = inputs[0] ?? [0, 0];
    return 2 * steps! * batch! * sizeOf(inputs[3] ?? [0]) * (name.includes('Backprop') ? 2 : 1);
  }
  const [a, b] = inputs;
  if (!isProduct(name) || !a || !b || !output) return 0;
  const size = sizeOf(output);
  if (size === 0) return 0;
  // [n, k] x [k, m]: what is summed over is √(nk · km / nm), whichever factor is transposed.
  const depth = Math.sqrt((sizeOf(a) * sizeOf(b)) / size / sizeOf(output.slice(0, -2)));
  return 2 * size * depth;
}

/** Bytes of a number by TensorFlow's types (types.proto): uint8, int8, int64, bool, bfloat16, float16, else four. */
const widths: Record<number, number> = { 4: 1, 6: 1, 9: 8, 10: 1, 14: 2, 19: 2 };
const widthOf = (dtype: number) => widths[dtype] ?? 4;
const sizeOf = (shape: number[]) => shape.reduce((product, side) => product * side, 1);
