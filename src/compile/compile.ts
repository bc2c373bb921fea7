import * as tf from '@tensorflow/tfjs-core';
import { become, NONE, type NodeBackend } from './backend.js';
import { callDeclared, checkInputs, declare, type Declared } from './declared.js';
import { define, execute, type FunctionHost } from './function.js';
import { feed, tensorsIn, type Fed } from './inputs.js';
import { CannotCompile, type Trace } from './trace.js';
import { traced } from './traced.js';

export { CannotCompile };
export type { FunctionHost } from './function.js';
export type { Fed, Values } from './inputs.js';

/** Runs steps as single calls of TensorFlow. */
export interface Compiler {
  /**
   * Runs a step that declares its inputs: numbers, values and tensors, in arrays and objects. Its first call under a key
   * defines it; in later ones its JavaScript does not run: the inputs of today are given to what was defined, and so
   * whatever else it takes from around it must be the same under one key. Numbers and shapes that are not among its inputs
   * are constants. It may use no tensor from before it but its inputs, handles of variables among them.
   * The tensors that it returns are the caller's; all others end with it. It must not read what it computes.
   * @param isFirst of a step without updates: whether it runs op by op. Where that is not said the first under a key
   * does. The two ways differ in the last bits: so numbers need not depend on what was run before.
   * @throws CannotCompile where a step cannot be compiled, or its inputs have other shapes than under this key before,
   * saying which. Then nothing was computed and no variable has changed.
   */
  step<I, T>(key: string, inputs: I, work: (fed: Fed<I>) => T, isFirst?: boolean): T;
  /** By key: how often each op is in the step. */
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, number>>;
  dispose(): void;
}

/**
 * The same, but that a step which cannot be compiled runs op by op, then and under its key from then on;
 * `onNotice` is told why, once for each reason. Where it was begun before it failed, it begins anew.
 */
export function orEagerly(compiler: Compiler, onNotice: (text: string) => void): Compiler {
  const eager = new Set<string>(); // keys
  const told = new Set<string>();
  return {
    ...compiler,
    step(key, inputs, work, isFirst) {
      if (!eager.has(key)) {
        try {
          return compiler.step(key, inputs, work, isFirst);
        } catch (error) {
          if (!(error instanceof CannotCompile)) throw error;
          eager.add(key);
          if (!told.has(error.message)) onNotice(`A step runs op by op, not as one call: ${error.message}`);
          told.add(error.message);
        }
      }
      return eagerly(inputs, work);
    },
  };
}

/** Runs a step with its inputs op by op, on any engine. */
export function eagerly<I, T>(inputs: I, work: (fed: Fed<I>) => T): T {
  return tidy(() => work(feed(inputs)));
}

export interface CompilerOptions {
  /** Runs the JavaScript of steps every time, and holds it against the first time. For tests. */
  checked?: boolean;
}

/** A compiler for tfjs-node's backend, which must be current. */
export function createCompiler(host: FunctionHost, options: CompilerOptions = {}): Compiler {
  const backend = tf.backend() as unknown as NodeBackend;
  const declared = new Map<string, Declared>();
  const functions = new Map<string, ReadonlyMap<string, number>>();

  /** Runs the JavaScript of a step and computes it: the first time, or to hold it against that. */
  function traceAndCompute<I, T>(key: string, inputs: I, work: (fed: Fed<I>) => T): T {
    const known = declared.get(key);
    const fed = feed(inputs);
    const tensors = tensorsIn(fed);
    const inputIds = backend.getInputTensorIds(tensors);
    const given = tensors.map(({ dataId }, i) => ({
      id: inputIds[i]!,
      dtype: backend.tensorMap.get(dataId).dtype,
    }));
    const { tracer, result, ids } = traced(backend, () => work(fed), given, known?.trace);
    const { trace, computed } = tracer;
    const own = tensorsIn(result).filter(({ dataId }) => ids.includes(backend.tensorMap.get(dataId).id));
    try {
      const one = known ?? declare(backend, trace, inputs, result, ids);
      if (!computed) one.name ??= define(host, trace);
      if (!known) {
        declared.set(key, one);
        functions.set(key, opsOf(trace));
      }
      const outputs = computed ?? execute(backend, one.name!, inputIds, ids.length).map(({ id }) => id);
      become(backend, own, (id) => outputs[ids.indexOf(id)]!);
      return result;
    } catch (error) {
      become(backend, own, () => NONE);
      tf.dispose(own);
      throw error;
    } finally {
      for (const id of tracer.dropped) backend.binding.deleteTensor(id);
    }
  }

  const compiler: Compiler = {
    functions,
    step(key, inputs, work, isFirst = !declared.has(key)) {
      if (isFirst && declared.has(key)) return eagerly(inputs, work);
      if (!isFirst && !declared.has(key)) tf.dispose(tensorsIn(compiler.step(key, inputs, work))); // it is defined
      const known = declared.get(key);
      const leaves = known && checkInputs(inputs, known);
      if (!leaves || options.checked) return tidy(() => traceAndCompute(key, inputs, work));
      const name = (known.name ??= define(host, known.trace));
      release(known.trace);
      return callDeclared(backend, { ...known, name }, leaves) as ReturnType<typeof work>;
    },
    dispose() {
      for (const { name } of declared.values()) if (name) host.removeFunction(name);
      declared.clear();
    },
  };
  return compiler;
}

/** A function has been made of it, and nothing will be held against it. */
function release(trace: Trace): void {
  trace.nodes = [];
  trace.created = [];
}

function opsOf({ nodes }: Trace): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}

const tidy = tf.tidy as unknown as <T>(scope: () => T) => T;
