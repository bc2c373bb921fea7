import type { FileHandle } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import { openFile } from '../../files/open.js';
import { readBytes } from '../../files/text.js';
import { checkFinite } from '../finite.js';
import { crc32c, unmasked } from './crc32c.js';
import { readExactly, toFloat32, valueBytes } from './dtype.js';
import { readTable } from './table.js';
import { readFields } from './varint.js';
import { entryOf, extentOf, sizeOf, type WeightEntry, type WeightFile } from './weightFile.js';

/** TensorFlow's DataType numbers of the types that can be read. */
const dtypes = new Map([
  [1, 'F32'],
  [2, 'F64'],
  [3, 'I32'],
  [4, 'U8'],
  [5, 'I16'],
  [6, 'I8'],
  [9, 'I64'],
  [10, 'BOOL'],
  [14, 'BF16'],
  [17, 'U16'],
  [19, 'F16'],
]);

/** Those of the largest models have some megabytes. */
const LARGEST_INDEX = 2 ** 26;

interface StoredEntry extends WeightEntry {
  shard: number;
  offset: number;
  /** Of all its bytes, as it is stored. */
  checksum: number;
}

/**
 * Opens a TensorFlow V2 checkpoint: `<prefix>.index` and `<prefix>.data-0000x-of-0000y`. Names and
 * shapes are TensorFlow's; text tensors and partitioned variables are left out. A tensor's checksum is
 * checked when it is first read.
 * @throws InputError naming the file where one is missing, damaged or shorter than the index says
 * @see tensorflow/core/protobuf/tensor_bundle.proto
 */
export async function openTensorflowCheckpoint(prefix: string): Promise<WeightFile> {
  const file = `${prefix}.index`;
  const { shards, entries } = await readIndex(file);
  const handles: FileHandle[] = [];
  const close = async () => void (await Promise.all(handles.map((handle) => handle.close())));
  const shardFile = (shard: number) => `${prefix}.data-${five(shard)}-of-${five(shards)}`;
  try {
    for (let shard = 0; shard < shards; shard++) handles.push(await openFile(shardFile(shard)));
    const sizes = await Promise.all(handles.map(async (handle) => (await handle.stat()).size));
    for (const { name, shard, offset, dtype, shape } of entries.values()) {
      const end = offset + sizeOf(shape) * valueBytes.get(dtype)!;
      if (shard >= shards)
        throw new InputError(`${file}: ${name} is said to be in part ${shard} of ${shards}`);
      if (end > sizes[shard]!)
        throw new InputError(
          `${shardFile(shard)}: ${name} ends at byte ${end}, but the file has ${sizes[shard]}: it was cut off; fetch it again`,
        );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const sound = new Set<string>();
  return {
    file,
    entries,
    close,
    async read(name, rows) {
      const entry = entryOf(entries, name, file);
      const { offset, values } = extentOf(entry, file, rows);
      const width = valueBytes.get(entry.dtype)!;
      const size = sizeOf(entry.shape) * width;
      const data = shardFile(entry.shard);
      const bytesOf = (start: number, length: number) =>
        readExactly(handles[entry.shard]!, entry.offset + start, length, data);
      const part: [number, number] = [offset * width, values * width];
      if (sound.has(name)) return checkFinite(toFloat32(await bytesOf(...part), entry.dtype)!, name, data);
      const bytes = await bytesOf(0, size);
      if (crc32c(new Uint8Array(bytes)) !== unmasked(entry.checksum))
        throw new InputError(`${data}: ${name} is damaged (its checksum is wrong): fetch it again`);
      sound.add(name);
      const read = toFloat32(bytes.slice(part[0], part[0] + part[1]), entry.dtype)!;
      return checkFinite(read, name, data);
    },
  };
}

const five = (n: number) => String(n).padStart(5, '0');

async function readIndex(file: string): Promise<{ shards: number; entries: Map<string, StoredEntry> }> {
  const bytes = await readBytes(file, LARGEST_INDEX);
  const entries = new Map<string, StoredEntry>();
  let shards = 0;
  for (const [name, value] of readTable(bytes, file)) {
    try {
      if (name === '') shards = parseHeader(value, file);
      else if (!name.startsWith('\0')) {
        // a name that begins so is a slice of a partitioned variable
        const entry = parseEntry(name, value);
        if (entry) entries.set(name, entry);
      }
    } catch (error) {
      if (error instanceof RangeError)
        throw new InputError(`${file}: the entry of ${JSON.stringify(name)} is damaged (${error.message})`);
      throw error;
    }
  }
  if (shards < 1 || shards > 99_999)
    throw new InputError(`${file} does not say in how many parts the data lie`);
  return { shards, entries };
}

/** BundleHeaderProto: num_shards = 1, endianness = 2. */
function parseHeader(bytes: Uint8Array, file: string): number {
  let shards = 0;
  for (const [field, value] of readFields(bytes)) {
    if (field === 1) shards = Number(value);
    if (field === 2 && value !== 0) throw new InputError(`${file} is big-endian, which is not read`);
  }
  return shards;
}

/** BundleEntryProto: dtype = 1, shape = 2, shard_id = 3, offset = 4, size = 5, crc32c = 6, slices = 7. */
function parseEntry(name: string, bytes: Uint8Array): StoredEntry | undefined {
  const entry: StoredEntry = { name, shape: [], dtype: '', shard: 0, offset: 0, checksum: 0 };
  let size = 0;
  for (const [field, value] of readFields(bytes)) {
    if (field === 7) return undefined;
    if (field === 2 && typeof value !== 'number') entry.shape = parseShape(value);
    if (field === 6 && typeof value !== 'number') entry.checksum = fixed32(value);
    if (typeof value !== 'number') continue;
    if (field === 1) entry.dtype = dtypes.get(value) ?? '';
    if (field === 3) entry.shard = value;
    if (field === 4) entry.offset = value;
    if (field === 5) size = value;
  }
  if (!entry.dtype) return undefined;
  if (sizeOf(entry.shape) * valueBytes.get(entry.dtype)! !== size)
    throw new RangeError(`${size} bytes for shape [${entry.shape}] of ${entry.dtype}`);
  return entry;
}

function fixed32(bytes: Uint8Array): number {
  if (bytes.length !== 4) throw new RangeError('a checksum is no number of 32 bits');
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

/** TensorShapeProto: dim = 2, and in it size = 1. A dimension of 0 is not written. */
function parseShape(bytes: Uint8Array): number[] {
  const shape: number[] = [];
  for (const [field, value] of readFields(bytes)) {
    if (field !== 2 || typeof value === 'number') continue;
    const size = [...readFields(value)].find(([number]) => number === 1)?.[1] ?? 0;
    shape.push(Number(size));
  }
  return shape;
}
