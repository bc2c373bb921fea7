import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isNative } from '../backend/native.js';

/**
 * A tensor that lives on the engine and is changed in place. On the native engine it is a TensorFlow
 * resource variable, so that one op can update it; elsewhere the tensor is replaced.
 */
export interface Variable {
  readonly name: string;
  readonly shape: number[];
  /** A tensor of its value now; dispose of it before the next update, or the update copies. */
  read(): tf.Tensor;
  /** Takes over the values of a tensor, which stays the caller's. */
  assign(value: tf.Tensor): void;
  /** Adds the values of a tensor, in place where nobody else has read it. */
  add(value: tf.Tensor): void;
  /** The native engine's handle to the variable; undefined elsewhere. */
  readonly handle?: tf.Tensor;
  dispose(): void;
}

let created = 0;

/** A variable that starts as `value`, which stays the caller's. */
export function variable(name: string, value: tf.Tensor): Variable {
  return isNative() ? resourceVariable(name, value) : plainVariable(name, value);
}

function resourceVariable(name: string, value: tf.Tensor): Variable {
  const dtype = attribute.type('float32');
  const shape = value.shape.slice();
  // TensorFlow finds resources by name: two runs in one process must not share one.
  const sharedName = `${name}#${created++}`;
  const attributes = {
    dtype,
    shape: attribute.shape(shape),
    container: attribute.string(''),
    shared_name: attribute.string(sharedName),
  };
  const handle = tf.keep(executeOp('VarHandleOp', attributes, [])[0]!);
  const assign = (next: tf.Tensor) => void executeOp('AssignVariableOp', { dtype }, [handle, next], 0);
  assign(value);
  return {
    name,
    shape,
    handle,
    assign,
    add: (value) => void executeOp('AssignAddVariableOp', { dtype }, [handle, value], 0),
    read: () => executeOp('ReadVariableOp', { dtype }, [handle])[0]!,
    dispose() {
      executeOp('DestroyResourceOp', { ignore_lookup_error: attribute.bool(true) }, [handle], 0);
      handle.dispose();
    },
  };
}

function plainVariable(name: string, value: tf.Tensor): Variable {
  let current = tf.keep(tf.clone(value));
  const replace = (next: tf.Tensor) => {
    current.dispose();
    current = tf.keep(next);
  };
  return {
    name,
    shape: value.shape.slice(),
    read: () => tf.clone(current),
    assign: (next) => replace(tf.clone(next)),
    add: (more) => replace(tf.add(current, more)),
    dispose: () => current.dispose(),
  };
}
