import * as tf from '@tensorflow/tfjs-core';
import { become, NONE, type NodeBackend } from './backend.js';
import { tensorsIn } from './inputs.js';
import { CannotCompile, type Trace } from './trace.js';
import { isTraced, Tracer, type Given } from './tracer.js';

/** A step that was run with a stand-in for the addon: its result's tensors have no values yet. */
export interface Traced<T> {
  tracer: Tracer;
  result: T;
  /** Ids that the outputs have in the result, in the order of the trace. */
  ids: number[];
}

/** @throws CannotCompile where the step does what cannot be compiled, or something else than the record */
export function traced<T>(backend: NodeBackend, step: () => T, given: Given[], recorded?: Trace): Traced<T> {
  const { binding, getInputTensorIds, write } = backend;
  const written = new WeakSet<object>(); // values that the step makes
  const tracer = new Tracer(binding, given, recorded);
  backend.binding = tracer.standIn();
  backend.write = function (...call) {
    const dataId = write.apply(this, call);
    written.add(dataId);
    return dataId;
  };
  backend.getInputTensorIds = function (tensors) {
    for (const tensor of tensors) {
      // tfjs-node brings values to TensorFlow when they are first used: those from before the step go past the
      // stand-in, which would take them for constants.
      const info = 'dataId' in tensor && !written.has(tensor.dataId) && this.tensorMap.get(tensor.dataId);
      if (!info || !info.values) continue;
      info.id = binding.createTensor(info.shape, info.dtype, info.values);
      info.values = null;
    }
    return getInputTensorIds.call(this, tensors);
  };
  let result: T | undefined;
  try {
    result = tf.tidy(step as unknown as () => tf.TensorContainer) as T;
    const ids = tracer.finish();
    const returned = new Set(tensorsIn(result).map(({ dataId }) => backend.tensorMap.get(dataId).id));
    const kept = ids.filter((id) => !returned.has(id));
    if (kept.length > 0)
      throw new CannotCompile(
        `it keeps a tensor that it does not return, of ${tracer.opsOf(kept).join(', ')}`,
      );
    return { tracer, result, ids };
  } catch (error) {
    // TensorFlow knows no tensor by these ids: their end is none to it.
    become(backend, tensorsIn(result), (id) => (isTraced(id) ? NONE : undefined));
    tracer.abandon();
    throw error;
  } finally {
    backend.binding = binding;
    backend.getInputTensorIds = getInputTensorIds;
    backend.write = write;
  }
}
