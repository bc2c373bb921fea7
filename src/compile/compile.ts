import * as tf from '@tensorflow/tfjs-core';
import { traceToGraph } from './graph.js';
import { Tracer, type Binding, type Trace } from './trace.js';

/** Puts a GraphDef into TensorFlow's eager context as an op of its own, and takes it out again. */
export interface FunctionHost {
  addFunction(name: string, graph: Uint8Array, inputs: string, outputs: string): void;
  removeFunction(name: string): void;
}

/** Runs steps as single calls of TensorFlow. */
export interface Compiler {
  /**
   * Runs a step, compiled under its key: steps with one key do the same ops on tensors of the same shapes.
   * Values that the step makes (of a batch, a rate, a seed) may differ every time. The tensors that it
   * returns are the caller's; all others end with it. It must not read what it computes.
   * @throws Error where a step cannot be compiled, or does something else than under this key before. Then
   * nothing was computed and no variable has changed.
   */
  run<T>(key: string, step: () => T): T;
  /** Ops in each function, by key. */
  readonly functions: ReadonlyMap<string, number>;
  dispose(): void;
}

interface Compiled {
  name: string;
  trace: Trace;
}

let made = 0;

/** A compiler for tfjs-node's backend, which must be current. */
export function createCompiler(host: FunctionHost): Compiler {
  const backend = tf.backend() as unknown as NodeBackend;
  const compiled = new Map<string, Compiled>();
  const functions = new Map<string, number>();
  return {
    functions,
    run(key, step) {
      const known = compiled.get(key);
      const { tracer, result, ids } = traced(backend, step, known?.trace);
      const { binding } = backend;
      const { trace } = tracer;
      try {
        const name = known?.name ?? define(host, trace);
        if (!known) {
          compiled.set(key, { name, trace });
          functions.set(key, trace.nodes.length);
        }
        const fed = tracer.createdIds.filter((_, i) => !trace.created[i]!.fixed);
        const outputs = binding.executeOp(name, [], [...tracer.outsideIds, ...fed], trace.outputs.length);
        const realId = new Map(ids.map((id, i) => [id, outputs[i]!.id]));
        for (const tensor of tensorsIn(result)) {
          const info = backend.tensorMap.get(tensor.dataId);
          info.id = realId.get(info.id) ?? info.id;
        }
        return result;
      } finally {
        for (const id of tracer.dropped) binding.deleteTensor(id);
      }
    },
    dispose() {
      for (const { name } of compiled.values()) host.removeFunction(name);
      compiled.clear();
    },
  };
}

function define(host: FunctionHost, trace: Trace): string {
  const name = `compiled_step_${made++}`;
  const { definition, inputs, outputs } = traceToGraph(trace);
  host.addFunction(name, definition, inputs.join(','), outputs.join(','));
  return name;
}

/** Runs a step with a stand-in for the addon. */
function traced<T>(backend: NodeBackend, step: () => T, recorded?: Trace) {
  const { binding, getInputTensorIds } = backend;
  const dtypes = new Map<number, number>(); // by id, of inputs
  const tracer = new Tracer(binding, (id) => dtypes.get(id)!, recorded);
  backend.binding = tracer.standIn();
  backend.getInputTensorIds = function (tensors) {
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
    if (!ids.every((id) => returned.has(id))) throw new Error('it keeps a tensor that it does not return');
    return { tracer, result, ids };
  } catch (error) {
    tracer.abandon();
    throw error;
  } finally {
    backend.binding = binding;
    backend.getInputTensorIds = getInputTensorIds;
  }
}

function tensorsIn(structure: unknown): tf.Tensor[] {
  if (structure instanceof tf.Tensor) return [structure];
  if (Array.isArray(structure)) return structure.flatMap(tensorsIn);
  if (structure && typeof structure === 'object') return Object.values(structure).flatMap(tensorsIn);
  return [];
}

/** tfjs-node's backend as it is inside. */
interface NodeBackend {
  binding: Binding;
  tensorMap: { get(dataId: object): { id: number; dtype: number } };
  getInputTensorIds(this: NodeBackend, tensors: tf.TensorInfo[]): number[];
}
