import { gathered } from '../../files/gathered.js';
import { writeAtomically } from '../../files/write.js';
import { valueBytes } from './dtype.js';
import { sizeOf } from './weightFile.js';

export type TensorValues =
  Float32Array | Float64Array | Int32Array | BigInt64Array | Uint16Array | Uint8Array;

/** One tensor to write; `read` is called when its turn comes, so that only one need be in memory. */
export interface TensorSource {
  name: string;
  shape: readonly number[];
  /** As the values are where left out: F32, F64, I32, I64, U16, U8; F32 for `read`. */
  dtype?: string;
  data?: TensorValues;
  read?(): TensorValues | Promise<TensorValues>;
}

/**
 * Writes a safetensors file: whole under its name, or not at all.
 * Wider types come first, so that every tensor is aligned; otherwise the order stays.
 */
export async function writeSafetensors(file: string, tensors: Iterable<TensorSource>): Promise<void> {
  const typed = [...tensors].map((tensor) => ({ ...tensor, dtype: tensor.dtype ?? dtypeOf(tensor.data) }));
  const width = ({ dtype }: { dtype: string }) => valueBytes.get(dtype)!;
  typed.sort((a, b) => width(b) - width(a));
  const header = layOut(typed);
  await writeAtomically(file, async (handle) => {
    const out = gathered(handle);
    await out.write(header);
    for (const { name, shape, dtype, data, read } of typed) {
      const values = data ?? (await read!());
      if (values.byteLength !== sizeOf(shape) * valueBytes.get(dtype)!)
        throw new Error(`${name}: ${values.length} values do not fill shape [${shape}] of ${dtype}`);
      await out.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
    await out.end();
  });
}

function layOut(tensors: (TensorSource & { dtype: string })[]): Uint8Array {
  const header: [string, unknown][] = [['__metadata__', { format: 'pt' }]];
  const names = new Set(['__metadata__']);
  let at = 0;
  for (const { name, shape, dtype } of tensors) {
    if (names.has(name)) throw new Error(`two tensors named ${name}`);
    names.add(name);
    const end = at + sizeOf(shape) * valueBytes.get(dtype)!;
    header.push([name, { dtype, shape, data_offsets: [at, end] }]);
    at = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length));
  json.copy(bytes, 8);
  return bytes;
}

function dtypeOf(values: TensorValues | undefined): string {
  if (values instanceof Float64Array) return 'F64';
  if (values instanceof Int32Array) return 'I32';
  if (values instanceof BigInt64Array) return 'I64';
  if (values instanceof Uint16Array) return 'U16';
  if (values instanceof Uint8Array) return 'U8';
  return 'F32';
}
