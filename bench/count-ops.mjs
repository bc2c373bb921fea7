import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs an action and counts the ops that the native engine executes for it, with the time that each kind took. The addon's own object cannot be
 * changed, so another one stands in for it meanwhile.
 */
export function countOps(action) {
  const backend = tf.backend();
  const { binding } = backend;
  const byName = new Map();
  const counting = Object.fromEntries(
    Object.getOwnPropertyNames(binding).map((name) => [name, binding[name]]),
  );
  counting.executeOp = (...call) => {
    const start = performance.now();
    const outputs = binding.executeOp(...call);
    const op = byName.get(call[0]) ?? { calls: 0, milliseconds: 0 };
    byName.set(call[0], op);
    op.calls++;
    op.milliseconds += performance.now() - start;
    return outputs;
  };
  backend.binding = counting;
  try {
    const result = action();
    const ops = [...byName.values()].reduce((sum, { calls }) => sum + calls, 0);
    return { result, ops, byName };
  } finally {
    backend.binding = binding;
  }
}
