import { impossible, unseen } from './limits.js';
import {
  CannotCompile,
  sameNode,
  sameNumbers,
  type Attribute,
  type Binding,
  type RawTensor,
  type Source,
  type Trace,
} from './trace.js';

/** Ids of outputs while a step is traced, apart from those of TensorFlow, which count from 0. */
const FIRST = 2 ** 40;

export const isTraced = (id: number) => id >= FIRST;

/** An input of a step: a tensor inside TensorFlow. */
export interface Given {
  id: number;
  dtype: number;
}

/**
 * A stand-in for the addon while a step runs. The first step is recorded: its ops are computed, for their
 * shapes, but for updates of variables; without such, that is what the step was to compute. In later steps
 * nothing is computed; each call is held against the record.
 */
export class Tracer {
  readonly trace: Trace;
  /** Inputs that are no longer wanted: to be deleted when the step has been computed. */
  readonly dropped: number[] = [];
  /** TensorFlow's ids of the outputs, where recording has computed them: there was no variable to update. */
  computed?: number[];

  private readonly recording: boolean;
  private readonly sources = new Map<number, Source>();
  private readonly real = new Map<number, number>(); // by traced id, while recording
  private readonly alive = new Map<number, Source & { kind: 'op' }>();
  private done = 0; // ops
  private made = 0; // values
  private next = FIRST;

  constructor(
    private readonly binding: Binding,
    given: Given[],
    recorded?: Trace,
  ) {
    this.recording = !recorded;
    this.trace = recorded ?? { nodes: [], inputs: [], created: [], outputs: [] };
    given.forEach(({ id, dtype }, index) => {
      this.sources.set(id, { kind: 'input', index });
      if (this.recording) this.trace.inputs.push({ dtype });
    });
  }

  /** An object with all of the addon's functions, some of them ours. */
  standIn(): Binding {
    const { binding } = this;
    const functions = Object.getOwnPropertyNames(binding).map((name) => [
      name,
      binding[name as keyof Binding],
    ]);
    return {
      ...(Object.fromEntries(functions) as Binding),
      createTensor: (...call) => this.createTensor(...call),
      deleteTensor: (id) => this.deleteTensor(id),
      executeOp: (...call) => this.executeOp(...call),
      ...({
        ...Object.fromEntries(unseen.map((name) => [name, () => this.refuse(name)])),
        tensorDataSync: (id: number) => {
          const source = this.alive.get(id);
          if (source)
            throw new CannotCompile(
              `it reads a tensor that the step computes, of ${this.trace.nodes[source.index]!.op}`,
            );
          return (binding as unknown as { tensorDataSync(id: number): unknown }).tensorDataSync(id);
        },
      } as object),
    };
  }

  /** The ops whose outputs are alive, by traced id. */
  opsOf(ids: number[]): string[] {
    return ids.flatMap((id) => this.trace.nodes[this.alive.get(id)?.index ?? -1]?.op ?? []);
  }

  private refuse(what: string): never {
    throw new CannotCompile(`${what} cannot be part of it`);
  }

  /** After the step: checks or completes the trace. Returns the traced ids of its outputs. */
  finish(): number[] {
    const { nodes, outputs } = this.trace;
    if (this.recording && nodes.every((node) => node.outputs.length > 0)) {
      const ids = [...this.alive.keys()];
      this.computed = ids.map((id) => this.real.get(id)!);
      for (const id of ids) this.real.delete(id);
    }
    this.freeComputed();
    if (this.recording)
      for (const source of this.alive.values())
        outputs.push({ source, dtype: nodes[source.index]!.outputs[source.output]!.dtype });
    else if (this.done !== nodes.length || this.alive.size !== outputs.length)
      throw this.differs(`it ends after ${this.done} ops, and was recorded with ${nodes.length}`);
    return [...this.alive.keys()];
  }

  /** After a step that failed: frees what it left. */
  abandon(): void {
    this.freeComputed();
    for (const id of this.computed ?? []) this.binding.deleteTensor(id);
    for (const id of this.dropped) this.binding.deleteTensor(id);
  }

  private freeComputed(): void {
    for (const id of this.real.values()) this.binding.deleteTensor(id);
    this.real.clear();
  }

  private createTensor(shape: number[], dtype: number, values: ArrayBufferView): number {
    const index = this.made++;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (this.recording) this.trace.created.push({ shape: [...shape], dtype, values: bytes.slice() });
    else {
      const known = this.trace.created[index];
      if (!known || known.dtype !== dtype || !sameNumbers(known.shape, shape))
        throw this.differs(`value ${index} has the shape [${shape.join(', ')}] now`);
      if (!Buffer.from(known.values.buffer, known.values.byteOffset, known.values.length).equals(bytes))
        throw this.differs(`value ${index}, which is a constant, has changed`);
    }
    const id = this.binding.createTensor(shape, dtype, values);
    this.sources.set(id, { kind: 'created', index });
    return id;
  }

  private deleteTensor(id: number): void {
    if (!isTraced(id)) {
      // What ends within the step is an input of its function all the same.
      if (this.sources.get(id)?.kind === 'input') this.dropped.push(id);
      else this.binding.deleteTensor(id);
      return;
    }
    this.alive.delete(id);
    const real = this.real.get(id);
    if (real === undefined) return;
    this.real.delete(id);
    this.binding.deleteTensor(real);
  }

  private executeOp(op: string, attributes: Attribute[], ids: number[], count: number): RawTensor[] {
    const inputs = ids.map((id) => this.sourceOf(id, op));
    const index = this.done++;
    if (this.recording) this.record(op, attributes, ids, inputs, count);
    const node = this.trace.nodes[index];
    if (!this.recording && !(node && sameNode(node, op, attributes, inputs)))
      throw this.differs(`op ${index} is ${op} now, and was recorded as ${node?.op ?? 'the end'}`);
    return node!.outputs.map((output, i) => {
      const id = this.recording ? this.next - node!.outputs.length + i : this.next++;
      const source: Source & { kind: 'op' } = { kind: 'op', index, output: i };
      this.sources.set(id, source);
      this.alive.set(id, source);
      return { id, ...output };
    });
  }

  private record(op: string, attributes: Attribute[], ids: number[], inputs: Source[], count: number): void {
    if (impossible.test(op)) this.refuse(op);
    const outputs =
      count === 0 ? [] : this.binding.executeOp(op, attributes, ids.map((id) => this.real.get(id) ?? id), count); // prettier-ignore
    for (const { id } of outputs) this.real.set(this.next++, id);
    this.trace.nodes.push({
      op,
      attributes: attributes.map((one) => ({ ...one })),
      inputs,
      outputs: outputs.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
    });
  }

  private sourceOf(id: number, op: string): Source {
    const known = this.sources.get(id);
    if (known) return known;
    throw new CannotCompile(`it uses a tensor from before it that is not among its inputs, in ${op}`);
  }

  private differs(how: string): CannotCompile {
    return new CannotCompile(`it does not do what it did when it was recorded under this key: ${how}`);
  }
}
