import * as tf from '@tensorflow/tfjs-core';
import { DT_FLOAT, DT_INT32, type NodeBackend } from './backend.js';
import { execute } from './function.js';
import { dtypeOf, leavesOf, mapped, shapeOf, tensorsIn, type Leaf } from './inputs.js';
import { CannotCompile, type Trace } from './trace.js';

/** A step as it was defined. */
export interface Declared {
  trace: Trace;
  /** Of the function, as soon as one was needed. */
  name?: string;
  inputs: { shape: readonly number[]; dtype: string }[];
  /** The result, with the number of an output in the place of each tensor. */
  result: unknown;
  outputs: number;
}

/** @param ids those of the outputs, which the result's tensors have. @throws CannotCompile where it returns something else */
export function declare(
  backend: NodeBackend,
  trace: Trace,
  inputs: unknown,
  result: unknown,
  ids: number[],
): Declared {
  const outputOf = ({ dataId }: tf.Tensor) => ids.indexOf(backend.tensorMap.get(dataId).id);
  if (tensorsIn(result).some((tensor) => outputOf(tensor) < 0))
    throw new CannotCompile('it returns a tensor that it does not compute');
  return {
    trace,
    inputs: leavesOf(inputs).map(describe),
    result: mapped(result, (tensor) => outputOf(tensor as tf.Tensor)),
    outputs: ids.length,
  };
}

/** The inputs in their order. @throws CannotCompile where they are of other types or shapes than those it was defined with, or more, or fewer */
export function checkInputs(inputs: unknown, { inputs: known }: Declared): Leaf[] {
  const leaves = leavesOf(inputs);
  if (leaves.length !== known.length)
    throw new CannotCompile(`it has ${leaves.length} inputs now, and had ${known.length} under this key`);
  leaves.forEach((leaf, i) => {
    const { shape, dtype } = known[i]!;
    const now = shapeOf(leaf);
    if (typeOf(leaf) === dtype && now.length === shape.length && now.every((side, at) => side === shape[at]))
      return;
    throw new CannotCompile(
      `its input ${i} is ${typeOf(leaf)} [${now.join(', ')}] now, and was ${dtype} [${shape.join(', ')}] under this key`,
    );
  });
  return leaves;
}

/** Executes the function with the inputs of today, as `checkInputs` gives them. */
export function callDeclared(
  backend: NodeBackend,
  { name, result, outputs }: Declared & { name: string },
  leaves: readonly Leaf[],
): unknown {
  const { binding } = backend;
  const made: number[] = []; // ids that end with this call
  const create = (shape: readonly number[], values: Float32Array | Int32Array) => {
    const dtype = values instanceof Int32Array ? DT_INT32 : DT_FLOAT;
    const id = binding.createTensor([...shape], dtype, values);
    made.push(id);
    return id;
  };
  try {
    const ids = leaves.map((leaf) => {
      if (typeof leaf === 'number') return create([], Float32Array.of(leaf));
      if (leaf instanceof tf.Tensor) return backend.getInputTensorIds([leaf])[0]!;
      return create(leaf.shape, leaf.values);
    });
    const computed = execute(backend, name, ids, outputs).map((one) => backend.createOutputTensor(one));
    return mapped(result, (output) => computed[output as number]);
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}

function describe(leaf: Leaf): Declared['inputs'][number] {
  return { shape: [...shapeOf(leaf)], dtype: typeOf(leaf) };
}

function typeOf(leaf: Leaf): string {
  if (typeof leaf === 'number') return 'float32';
  return leaf instanceof tf.Tensor ? leaf.dtype : dtypeOf(leaf.values);
}
