import * as tf from '@tensorflow/tfjs-core';
import { traceToGraph } from './graph.js';
import { CannotCompile, Tracer, type Attribute, type Binding, type Trace } from './trace.js';

export { CannotCompile };

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
   * @param isFirst of a step without updates: whether it runs op by op. Where that is not said the first under a key
   * does. The two ways differ in the last bits: so numbers need not depend on what was run before.
   * @throws CannotCompile where a step cannot be compiled, or does something else than under this key before,
   * naming the op. Then nothing was computed and no variable has changed.
   */
  run<T>(key: string, step: () => T, isFirst?: boolean): T;
  /** Ops in each step that was recorded, by key. */
  readonly functions: ReadonlyMap<string, number>;
  dispose(): void;
}

/**
 * The same, but that a step which cannot be compiled runs op by op, then and under its key from then on;
 * `onNotice` is told why, once for each reason. Such a step is run twice: it must begin anew each time.
 */
export function orEagerly(compiler: Compiler, onNotice: (text: string) => void): Compiler {
  const eager = new Set<string>(); // keys
  const told = new Set<string>();
  return {
    ...compiler,
    run(key, step, isFirst) {
      if (!eager.has(key)) {
        try {
          return compiler.run(key, step, isFirst);
        } catch (error) {
          if (!(error instanceof CannotCompile)) throw error;
          eager.add(key);
          if (!told.has(error.message)) onNotice(`A step runs op by op, not as one call: ${error.message}`);
          told.add(error.message);
        }
      }
      return tf.tidy(step as unknown as () => tf.TensorContainer) as ReturnType<typeof step>;
    },
  };
}

interface Compiled {
  trace: Trace;
  /** Of the function, as soon as one was needed. */
  name?: string;
}

let made = 0;

export interface CompilerOptions {
  /**
   * Scalars that a step makes are the same under one key, every time, and constants of its function: TensorFlow
   * can then fuse what it knows, a product, its bias and a GELU, say. For steps without a rate or a seed.
   */
  fixedScalars?: boolean;
}

/** A compiler for tfjs-node's backend, which must be current. */
export function createCompiler(host: FunctionHost, { fixedScalars }: CompilerOptions = {}): Compiler {
  const backend = tf.backend() as unknown as NodeBackend;
  const compiled = new Map<string, Compiled>();
  const functions = new Map<string, number>();
  const compiler: Compiler = {
    functions,
    run(key, step, isFirst = !compiled.has(key)) {
      if (isFirst && compiled.has(key))
        return tf.tidy(step as () => tf.TensorContainer) as ReturnType<typeof step>;
      if (!isFirst && !compiled.has(key)) tf.dispose(tensorsIn(compiler.run(key, step))); // it is recorded
      const known = compiled.get(key);
      const { tracer, result, ids } = traced(backend, step, known?.trace, fixedScalars);
      const { binding } = backend;
      const { trace, computed } = tracer;
      const one: Compiled = known ?? { trace };
      const call = (name: string) => {
        const fed = tracer.createdIds.filter((_, i) => !trace.created[i]!.fixed);
        const inputs = [...tracer.outsideIds, ...fed];
        return binding.executeOp(name, GRAPPLER, inputs, trace.outputs.length).map(({ id }) => id);
      };
      try {
        if (!computed) one.name ??= define(host, trace);
        compiled.set(key, one);
        functions.set(key, trace.nodes.length);
        const outputs = computed ?? call(one.name!);
        become(backend, result, new Map(ids.map((id, i) => [id, outputs[i]!])));
        return result;
      } catch (error) {
        become(backend, result, new Map(ids.map((id) => [id, NONE])));
        tf.dispose(tensorsIn(result));
        throw error;
      } finally {
        for (const id of tracer.dropped) binding.deleteTensor(id);
      }
    },
    dispose() {
      for (const { name } of compiled.values()) if (name) host.removeFunction(name);
      compiled.clear();
    },
  };
  return compiler;
}

/** An empty ConfigProto: TensorFlow optimises the graph of a function only where it is called with one. */
const GRAPPLER: Attribute[] = [{ name: 'config_proto', type: 0, value: '' }];

/** As tfjs-node has it where TensorFlow holds nothing for a tensor. */
const NONE = -1;

/** Gives traced tensors ids of TensorFlow. */
function become(backend: NodeBackend, result: unknown, idOf: Map<number, number>): void {
  for (const tensor of tensorsIn(result)) {
    const info = backend.tensorMap.get(tensor.dataId);
    info.id = idOf.get(info.id) ?? info.id;
  }
}

function define(host: FunctionHost, trace: Trace): string {
  const name = `compiled_step_${made++}`;
  const { definition, inputs, outputs } = traceToGraph(trace);
  try {
    host.addFunction(name, definition, inputs.join(','), outputs.join(','));
  } catch (error) {
    throw new CannotCompile(`TensorFlow takes it for no graph: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return name;
}

/** Runs a step with a stand-in for the addon. */
function traced<T>(backend: NodeBackend, step: () => T, recorded?: Trace, fixedScalars?: boolean) {
  const { binding, getInputTensorIds, write } = backend;
  const dtypes = new Map<number, number>(); // by id, of inputs
  const written = new WeakSet<object>(); // values that the step makes
  const tracer = new Tracer(binding, (id) => dtypes.get(id)!, recorded, fixedScalars);
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
      become(backend, result, new Map(ids.map((id) => [id, NONE])));
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

function tensorsIn(structure: unknown): tf.Tensor[] {
  if (structure instanceof tf.Tensor) return [structure];
  if (Array.isArray(structure)) return structure.flatMap(tensorsIn);
  if (structure && typeof structure === 'object') return Object.values(structure).flatMap(tensorsIn);
  return [];
}

interface TensorData {
  id: number;
  shape: number[];
  dtype: number;
  /** Until they are brought to TensorFlow. */
  values: ArrayBufferView | null;
}

/** tfjs-node's backend as it is inside. */
interface NodeBackend {
  binding: Binding;
  tensorMap: { get(dataId: object): TensorData };
  write(this: NodeBackend, ...call: unknown[]): object;
  getInputTensorIds(this: NodeBackend, tensors: tf.TensorInfo[]): number[];
}
