import { Message } from './protobuf.js';
import { CannotCompile, type Attribute, type Source, type Trace } from './trace.js';

/** A graph as TensorFlow imports it (graph.proto), and the names of what goes in and comes out. */
export interface Graph {
  definition: Uint8Array; // GraphDef
  inputs: string[];
  outputs: string[];
}

/** Numbers of TF_AttrType (c_api.h). */
const kinds = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 };

/**
 * Turns the ops of a trace into a graph. Its inputs are those of the step, values that it makes are constants, its
 * outputs what outlived the step. Ops on one variable keep their order.
 */
export function traceToGraph({ nodes, inputs: given, created, outputs }: Trace): Graph {
  const graph = new Message();
  const add = (name: string, op: string, inputs: string[], attributes: [string, Message][]) => {
    const node = new Message().bytes(1, name).bytes(2, op);
    for (const input of inputs) node.bytes(3, input);
    for (const [key, value] of attributes) node.bytes(5, new Message().bytes(1, key).bytes(2, value));
    graph.bytes(1, node);
  };
  given.forEach(({ dtype }, i) => add(`input${i}`, 'Placeholder', [], [['dtype', typeValue(dtype)]]));
  const constants = new Map<string, string>(); // names by type, shape and values
  const createdNames = created.map(({ dtype, shape, values }, i) => {
    const name = `created${i}`;
    const identity = `${dtype} ${shape.join()} ${Buffer.from(values.buffer, values.byteOffset, values.length).toString('latin1')}`;
    const same = constants.get(identity);
    if (same !== undefined) return same;
    constants.set(identity, name);
    add(name, 'Const', [], [['dtype', typeValue(dtype)], ['value', tensorValue(dtype, shape, values)]]); // prettier-ignore
    return name;
  });
  const nameOf = (source: Source) =>
    source.kind === 'created' ? createdNames[source.index]! : ownName(source);

  const lastOn = new Map<number, string>(); // by variable: the op that used it last
  const updates: string[] = [];
  nodes.forEach(({ op, attributes, inputs, outputs: count }, i) => {
    const name = `op${i}`;
    const variables = inputs.flatMap((source) =>
      source.kind === 'input' && given[source.index]!.dtype === RESOURCE ? [source.index] : [],
    );
    const before = variables.flatMap((variable) => lastOn.get(variable) ?? []);
    const inputNames = [...inputs.map(nameOf), ...before.map((other) => `^${other}`)];
    add(name, op, inputNames, attributes.map((one) => [one.name, attributeValue(one, op)])); // prettier-ignore
    for (const variable of variables) lastOn.set(variable, name);
    if (count.length === 0) updates.push(`^${name}`);
  });

  outputs.forEach(({ source, dtype }, i) =>
    // The first waits for all updates: what no output needs would be left out.
    add(`out${i}`, 'Identity', [nameOf(source), ...(i === 0 ? updates : [])], [['T', typeValue(dtype)]]),
  );
  graph.bytes(4, new Message().int(1, PRODUCER));
  return {
    definition: graph.encode(),
    inputs: given.map((_, i) => `input${i}`),
    outputs: outputs.map((_, i) => `out${i}`),
  };
}

/** DT_RESOURCE (types.proto): a handle to a variable. */
const RESOURCE = 20;
/** A version of GraphDef that every TensorFlow since 2.9 reads. */
const PRODUCER = 1087;

function ownName(source: Source): string {
  if (source.kind !== 'op') return `${source.kind}${source.index}`;
  return source.output === 0 ? `op${source.index}` : `op${source.index}:${source.output}`;
}

// Fields of AttrValue (attr_value.proto).
const typeValue = (dtype: number) => new Message().int(6, dtype);

function tensorValue(dtype: number, shape: number[], values: Uint8Array): Message {
  return new Message().bytes(8, new Message().int(1, dtype).bytes(2, shapeOf(shape)).bytes(4, values));
}

function shapeOf(shape: number[]): Message {
  const message = new Message();
  for (const side of shape) message.bytes(2, new Message().int(1, side));
  return message;
}

function attributeValue({ name, type, value }: Attribute, op: string): Message {
  const list = Array.isArray(value) ? (value as (number | boolean)[]) : undefined;
  const each = (put: (into: Message, item: number | boolean) => void, items = list!) => {
    const inside = new Message();
    for (const item of items) put(inside, item);
    return new Message().bytes(1, inside);
  };
  switch (type) {
    case kinds.string:
      return new Message().bytes(2, value as string);
    case kinds.int:
      return list ? each((into, item) => into.int(3, Number(item))) : new Message().int(3, Number(value));
    case kinds.float:
      return list ? each((into, item) => into.float(4, Number(item))) : new Message().float(4, Number(value));
    case kinds.bool:
      return list ? each((into, item) => into.int(5, Number(item))) : new Message().int(5, Number(value));
    case kinds.type:
      return list ? each((into, item) => into.int(6, Number(item))) : typeValue(Number(value));
    case kinds.shape:
      return new Message().bytes(7, shapeOf(value as number[]));
    default:
      throw new CannotCompile(`the attribute ${name} of ${op} is of kind ${type}, which graphs here lack`);
  }
}
