import type { NodeBackend } from './backend.js';
import { traceToGraph } from './graph.js';
import { CannotCompile, type Attribute, type RawTensor, type Trace } from './trace.js';

/** Puts a GraphDef into TensorFlow's eager context as an op of its own, and takes it out again. */
export interface FunctionHost {
  addFunction(name: string, graph: Uint8Array, inputs: string, outputs: string): void;
  removeFunction(name: string): void;
}

let made = 0;

/** Makes a trace a function of TensorFlow. Returns its name. */
export function define(host: FunctionHost, trace: Trace): string {
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

/** Executes it; the outputs are the caller's. */
export function execute({ binding }: NodeBackend, name: string, ids: number[], outputs: number): RawTensor[] {
  return binding.executeOp(name, GRAPPLER, ids, outputs);
}

/** An empty ConfigProto: TensorFlow optimises the graph of a function only where it is called with one. */
const GRAPPLER: Attribute[] = [{ name: 'config_proto', type: 0, value: '' }];
