import * as tf from '@tensorflow/tfjs-core';

/** TensorFlow's numbers for element types (its types.proto). */
const dtypes = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int8: 6,
  string: 7,
  bool: 10,
  bfloat16: 14,
  float16: 19,
} as const;
export type NativeType = keyof typeof dtypes;

/** An op's attribute: its kind by TensorFlow's number for it, and its value. */
export interface Attribute {
  type: number;
  value: string | number | boolean | number[] | boolean[];
}

// TensorFlow's TF_AttrType (c_api.h).
export const attribute = {
  string: (value: string): Attribute => ({ type: 0, value }),
  int: (value: number | number[]): Attribute => ({ type: 1, value }),
  float: (value: number | number[]): Attribute => ({ type: 2, value }),
  bool: (value: boolean | boolean[]): Attribute => ({ type: 3, value }),
  type: (value: NativeType): Attribute => ({ type: 4, value: dtypes[value] }),
  shape: (value: number[]): Attribute => ({ type: 5, value }),
};

/** True where the current backend is TensorFlow itself, so that its ops can be called. */
export const isNative = (): boolean => tf.getBackend() === 'tensorflow';

/** True where our own kernels compute (scripts/setup/host/kernels.cc): on the CPU of the native engine. */
export const hasOwnKernels = (): boolean => isNative() && !nativeBackend().binding.isUsingGpuDevice();

/**
 * Runs one TensorFlow op by its name. The outputs are tensors like any other, those of bfloat16 and int8 for this
 * function only: the surrounding tf.tidy or the caller owns them. No gradient is recorded: wrap it in tf.customGrad where one is needed.
 * @throws Error from TensorFlow where name, attributes or inputs do not fit.
 */
export function executeOp(
  name: string,
  attributes: Record<string, Attribute>,
  inputs: tf.Tensor[],
  outputs = 1,
): tf.Tensor[] {
  const list: NamedAttribute[] = [];
  for (const key in attributes) list.push({ name: key, ...attributes[key]! });
  return nativeBackend().binding.executeOp(name, list, inputs.map(idOf), outputs).map(toTensor);
}

/** TensorFlow's id of a tensor, valid until the tensor is disposed of. */
function idOf(tensor: tf.TensorInfo): number {
  return nativeBackend().getInputTensorIds([tensor])[0]!;
}

/** The id becomes a tensor, which owns it from then on. Types that TensorFlow.js lacks it takes for float32. */
function toTensor(raw: RawTensor): tf.Tensor {
  const backend = nativeBackend();
  if (raw.dtype !== dtypes.bfloat16 && raw.dtype !== dtypes.int8) return backend.createOutputTensor(raw);
  const tensor = backend.createOutputTensor({ ...raw, dtype: dtypes.float32 });
  backend.tensorMap.get(tensor.dataId).dtype = raw.dtype;
  return tensor;
}

/** Whether TensorFlow holds the values in bfloat16, a type that TensorFlow.js' own ops lack. */
export function isBfloat16({ dataId }: tf.TensorInfo): boolean {
  return nativeBackend().tensorMap.get(dataId).dtype === dtypes.bfloat16;
}

/** A tensor inside TensorFlow as the addon describes it. */
interface RawTensor {
  id: number;
  shape: number[];
  dtype: number;
}

interface NamedAttribute extends Attribute {
  name: string;
}

/** The addon's functions that are used here; `binding` may be replaced by an object that records the calls. */
export interface NativeBinding {
  createTensor(shape: number[], dtype: number, values: tf.TypedArray): number;
  executeOp(name: string, attributes: NamedAttribute[], ids: number[], outputs: number): RawTensor[];
  /** Tensors alive inside TensorFlow, also those that no tf.Tensor owns. */
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

interface NativeBackend {
  binding: NativeBinding;
  tensorMap: { get(dataId: object): { dtype: number } };
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(raw: RawTensor): tf.Tensor;
}

/** tfjs-node's backend as it is inside. @throws Error where another backend is current. */
export function nativeBackend(): NativeBackend {
  if (!isNative())
    throw new Error(`TensorFlow's ops need the native engine, and ${tf.getBackend()} computes`);
  return tf.backend() as unknown as NativeBackend;
}
