import * as tf from '@tensorflow/tfjs-core';
import { become, NONE, type NodeBackend } from './backend.js';
import { tensorsIn } from './inputs.js';
import { CannotCompile, type Trace } from './trace.js';
import { Tracer, type TracerOptions } from './tracer.js';

/** A step that was run with a stand-in for the addon: its result's tensors have no values yet. */
export interface Traced<T> {
  tracer: Tracer;
  result: T;
  /** Ids that the outputs have in the result, in the order of the trace. */
  ids: number[];
}

/** @throws CannotCompile where the step does what cannot be compiled, or something else than the record */
export function traced<T>(
  backend: NodeBackend,
  step: () => T,
  recorded?: Trace,
  options?: TracerOptions,
): Traced<T> {
  const { binding, getInputTensorIds, write } = backend;
  const dtypes = new Map<number, number>(); // by id, of inputs
  const written = new WeakSet<object>(); // values that the step makes
  const tracer = new Tracer(binding, (id) => dtypes.get(id)!, recorded, options);
  backend.binding = tracer.standIn();
  backend.write = function (...call) {
    const dataId = write.apply(this, call);
    written.add(dataId);
    return dataId;
  };
  backend.getInputTensorIds = function (tensors) {
    for (const tensor of tensors) {
      // tfjs-node brings values to TensorFlow when they are first used: those from before the step, now.
      const info = 'dataId' in tensor && !written.has(tensor.dataId) && this.tensorMap.get(tensor.dataId);
      if (!info || !info.values) continue;
      info.id = binding.createTensor(info.shape, info.dtype, info.values);
      info.values = null;
    }
    const ids = getInputTensorIds.call(this, tensors);
    tensors.forEach((tensor, i) => {
      if ('dataId' in tensor) dtypes.set(ids[i]!, this.tensorMap.get(tensor.dataId).dtype);
    });
    return ids;
  };
  try {
    const result = tf.tidy(step as unknown as () => tf.TensorContainer) as T;
    const ids = tracer.finish();
    const returned = new Set(tensorsIn(result).map(({ dataId }) => backend.tensorMap.get(dataId).id));
    const kept = ids.filter((id) => !returned.has(id));
    if (kept.length > 0) {
      const traceds = new Set(ids);
      become(backend, tensorsIn(result), (id) => (traceds.has(id) ? NONE : undefined));
      tf.dispose(tensorsIn(result));
      throw new CannotCompile(
        `it keeps a tensor that it does not return, of ${tracer.opsOf(kept).join(', ')}`,
      );
    }
    return { tracer, result, ids };
  } catch (error) {
    tracer.abandon();
    throw error;
  } finally {
    backend.binding = binding;
    backend.getInputTensorIds = getInputTensorIds;
    backend.write = write;
  }
}
