/** An attribute of an op as tfjs-node passes it: `type` is TensorFlow's TF_AttrType. */
export interface Attribute {
  name: string;
  type: number;
  value: string | number | boolean | number[] | boolean[];
}

/** A tensor inside TensorFlow as the addon describes it. */
export interface RawTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** Where an op's input comes from: an input of the step, a tensor made of values, or an op's output. */
export type Source =
  { kind: 'input' | 'created'; index: number } | { kind: 'op'; index: number; output: number };

export interface Node {
  op: string;
  attributes: Attribute[];
  inputs: Source[];
  outputs: Omit<RawTensor, 'id'>[];
}

/** A tensor that the step makes of values: the same every time. */
export interface Created {
  shape: number[];
  dtype: number;
  values: Uint8Array;
}

/** What a step does, op by op. */
export interface Trace {
  nodes: Node[];
  inputs: { dtype: number }[];
  created: Created[];
  /** Of ops, what was still there at the step's end. */
  outputs: { source: Source; dtype: number }[];
}

/** The addon's functions that matter here. */
export interface Binding {
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  executeOp(name: string, attributes: Attribute[], ids: number[], outputs: number): RawTensor[];
}

/**
 * A step cannot be run as one call: it does what a graph cannot hold, or something else than it did when it was
 * recorded. Nothing was computed and no variable has changed: it can still be run op by op.
 */
export class CannotCompile extends Error {
  override name = 'CannotCompile';
}

/** Whether a call is the one of the record. */
export function sameNode(node: Node, op: string, attributes: Attribute[], inputs: Source[]): boolean {
  return (
    node.op === op &&
    node.inputs.length === inputs.length &&
    node.inputs.every((source, i) => sameSource(source, inputs[i]!)) &&
    node.attributes.length === attributes.length &&
    node.attributes.every(({ name, value }, i) => name === attributes[i]!.name && sameValue(value, attributes[i]!.value)) // prettier-ignore
  );
}

function sameSource(a: Source, b: Source): boolean {
  return a.kind === b.kind && a.index === b.index && (a.kind !== 'op' || a.output === (b as typeof a).output);
}

function sameValue(a: Attribute['value'], b: Attribute['value']): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && sameNumbers(a as number[], b as number[]));
}

export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
