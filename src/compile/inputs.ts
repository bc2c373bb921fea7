import * as tf from '@tensorflow/tfjs-core';

/** Numbers of the host that a step gets as a tensor. */
export interface Values {
  values: Float32Array | Int32Array;
  shape: readonly number[];
}

/** What a step may be given: a number becomes a float32 scalar; a tensor stays the caller's. */
export type Leaf = number | Values | tf.Tensor;

/** Inputs as a step gets them: a tensor for each, in the same arrays and objects. */
export type Fed<I> = I extends number | Values
  ? tf.Tensor
  : I extends tf.Tensor | undefined
    ? I
    : { [K in keyof I]: Fed<I[K]> };

/** The inputs with their tensors, in the current tidy. */
export function feed<I>(inputs: I): Fed<I> {
  return mapped(inputs, (leaf) => {
    if (leaf instanceof tf.Tensor) return leaf;
    if (typeof leaf === 'number') return tf.scalar(leaf);
    return tf.tensor(leaf.values, [...leaf.shape], dtypeOf(leaf.values));
  }) as Fed<I>;
}

/** All inputs, in the order of the arrays and objects that they stand in. */
export function leavesOf(inputs: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  mapped(inputs, (leaf) => leaves.push(leaf));
  return leaves;
}

function isValues(value: object): value is Values {
  return 'values' in value && ArrayBuffer.isView(value.values);
}

export function shapeOf(leaf: Leaf): readonly number[] {
  return typeof leaf === 'number' ? [] : leaf.shape;
}

export function dtypeOf(values: Float32Array | Int32Array): 'float32' | 'int32' {
  return values instanceof Int32Array ? 'int32' : 'float32';
}

/** All tensors in arrays and objects. */
export function tensorsIn(structure: unknown): tf.Tensor[] {
  if (structure instanceof tf.Tensor) return [structure];
  if (Array.isArray(structure)) return structure.flatMap(tensorsIn);
  if (structure && typeof structure === 'object') return Object.values(structure).flatMap(tensorsIn);
  return [];
}

/** The same arrays and objects with something else in the place of each input or tensor. */
export function mapped(structure: unknown, replace: (leaf: Leaf) => unknown): unknown {
  if (typeof structure === 'number' || structure instanceof tf.Tensor) return replace(structure);
  if (Array.isArray(structure)) return structure.map((one) => mapped(one, replace));
  if (!structure || typeof structure !== 'object') return structure;
  if (isValues(structure)) return replace(structure);
  const result: Record<string, unknown> = {};
  for (const name in structure) result[name] = mapped(structure[name as keyof object], replace);
  return result;
}
