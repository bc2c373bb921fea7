import { writeFileSync } from 'node:fs';
import type { EncoderConfig } from '../../src/model/encoders/family.js';
import { crc32c } from '../../src/model/weights/crc32c.js';
import { transposeMatrix } from '../../src/model/weights/weightFile.js';
import { encoderTensors } from './encoderFolder.js';

export interface CheckpointTensor {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

/** The tensors of a BERT as Google names and stores them, with what else a checkpoint holds. */
export function googleTensors(config: EncoderConfig, module = ''): CheckpointTensor[] {
  const tensors = encoderTensors(config).map(googleTensor);
  const { vocabularySize, hidden } = config;
  const others = [
    {
      name: 'cls/predictions/output_bias',
      shape: [vocabularySize],
      data: new Float32Array(vocabularySize).fill(3),
    },
    { name: 'cls/seq_relationship/output_bias', shape: [2], data: new Float32Array(2) },
    {
      name: 'bert/pooler/dense/kernel/adam_m',
      shape: [hidden, hidden],
      data: new Float32Array(hidden ** 2),
    },
  ];
  return [...tensors, ...others].map((tensor) => ({ ...tensor, name: module + tensor.name }));
}

/** A tensor of Hugging Face's BERT, its masked-LM head included, as Google names and stores it. */
export function googleTensor({ name, shape, data }: CheckpointTensor): CheckpointTensor {
  const path = name
    .replaceAll('.', '/')
    .replace('layer/', 'layer_')
    .replace('predictions/bias', 'predictions/output_bias')
    .replace('_embeddings/weight', '_embeddings');
  const [height, width] = shape as [number, number];
  const norm = name.includes('LayerNorm');
  if (path.endsWith('weight') && !norm)
    return {
      name: path.replace('weight', 'kernel'),
      shape: [width, height],
      data: transposeMatrix(data, height, width),
    };
  return {
    name: norm ? path.replace('weight', 'gamma').replace('bias', 'beta') : path,
    shape: [...shape],
    data,
  };
}

/** Writes `<prefix>.index` and its parts as TensorFlow does, the tensors dealt out to `shards` parts in turn. */
export function writeCheckpoint(prefix: string, tensors: CheckpointTensor[], shards = 1): void {
  const five = (n: number) => String(n).padStart(5, '0');
  const parts: Buffer[] = Array.from({ length: shards }, () => Buffer.alloc(0));
  const values = tensors.map(({ name, shape, data }, i): [string, Buffer] => {
    const shard = i % shards;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const offset = parts[shard]!.length;
    parts[shard] = Buffer.concat([parts[shard]!, bytes]);
    const dimensions = shape.map((size) => field(2, field(1, size)));
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(masked(crc32c(bytes)));
    const entry = [
      field(1, 1),
      field(2, Buffer.concat(dimensions)),
      field(3, shard),
      field(4, offset),
      field(5, bytes.length),
    ];
    return [name, Buffer.concat([...entry, Buffer.of(0x35), checksum])]; // field 6, a fixed32
  });
  values.sort(([a], [b]) => (a < b ? -1 : 1));
  values.unshift(['', field(1, shards)]);
  writeFileSync(`${prefix}.index`, table(values));
  parts.forEach((part, i) => writeFileSync(`${prefix}.data-${five(i)}-of-${five(shards)}`, part));
}

/** A table in LevelDB's format; `kind` and `compress` say how blocks are stored, `listed` which the index names. */
export function table(
  values: [string, Buffer][],
  kind = 0,
  compress = (block: Buffer) => block,
  listed = (index: [string, Buffer][]) => index,
): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  const add = (entries: [string, Buffer][]): Buffer => {
    const stored = Buffer.concat([compress(block(entries)), Buffer.of(kind)]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(masked(crc32c(stored)));
    chunks.push(stored, checksum);
    const handle = Buffer.concat([varint(at), varint(stored.length - 1)]);
    at += stored.length + 4;
    return handle;
  };
  const half = Math.ceil(values.length / 2);
  const blocks = [values.slice(0, half), values.slice(half)].filter((entries) => entries.length);
  const index = blocks.map((entries): [string, Buffer] => [entries.at(-1)![0], add(entries)]);
  const handles = Buffer.concat([add([]), add(listed(index))]);
  const footer = Buffer.alloc(48);
  handles.copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([...chunks, footer]);
}

const masked = (crc: number) => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

function block(entries: [string, Buffer][]): Buffer {
  let last = '';
  const parts = entries.map(([key, value]) => {
    let shared = 0;
    while (shared < Math.min(last.length, key.length) && last[shared] === key[shared]) shared++;
    last = key;
    const own = Buffer.from(key.slice(shared));
    return Buffer.concat([varint(shared), varint(own.length), varint(value.length), own, value]);
  });
  return Buffer.concat([...parts, Buffer.of(0, 0, 0, 0, 1, 0, 0, 0)]); // one restart point, at 0
}

function field(number: number, value: number | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.of(...bytes, value);
}
