import { InputError } from '../../errors.js';
import { crc32c, unmasked } from './crc32c.js';
import { decompressSnappy } from './snappy.js';
import { readVarint, type Cursor } from './varint.js';

const footerBytes = 48;
const magic = 0xdb4775248b80fb57n;
/** Of a tensor's name, in bytes: names share their beginnings, so that a small file could hold gigabytes of them. */
const LONGEST_KEY = 512;
const MOST_KEYS = 200_000;

/**
 * Every key and value of a table in LevelDB's format, in order; TensorFlow keeps a checkpoint's index in one.
 * @throws InputError naming the file where it is no table or a block's checksum is wrong
 * @see https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function* readTable(bytes: Buffer, file: string): Generator<[key: string, value: Buffer]> {
  if (bytes.length < footerBytes || bytes.readBigUInt64LE(bytes.length - 8) !== magic)
    throw new InputError(
      `${file} is no index of a TensorFlow checkpoint (V2), or was cut off: fetch it again`,
    );
  try {
    const footer = { bytes: bytes.subarray(bytes.length - footerBytes), at: 0 };
    readHandle(footer); // of the metaindex, which checkpoints do not use
    let [end, count] = [0, 0];
    let last: Buffer | undefined;
    for (const [, handle] of entriesOf(readBlock(bytes, readHandle(footer)))) {
      const place = readHandle({ bytes: handle, at: 0 });
      if (place.offset < end) throw new RangeError('a block overlaps the one before it');
      end = place.offset + place.size;
      for (const [key, value] of entriesOf(readBlock(bytes, place))) {
        if (last && last.compare(key) >= 0) throw new RangeError('its names are not in their order');
        if (++count > MOST_KEYS) throw new RangeError(`it has more than ${MOST_KEYS} names`);
        last = key;
        yield [key.toString(), value];
      }
    }
  } catch (error) {
    if (error instanceof RangeError)
      throw new InputError(`${file} is damaged (${error.message}): fetch it again`);
    throw error;
  }
}

interface Handle {
  offset: number;
  size: number;
}

function readHandle(cursor: Cursor): Handle {
  return { offset: readVarint(cursor), size: readVarint(cursor) };
}

/** A block is followed by its kind of compression and a checksum of both. */
function readBlock(bytes: Buffer, { offset, size }: Handle): Buffer {
  const end = offset + size;
  if (end + 5 > bytes.length) throw new RangeError('a block lies past its end');
  const kind = bytes[end];
  if (crc32c(bytes.subarray(offset, end + 1)) !== unmasked(bytes.readUInt32LE(end + 1)))
    throw new RangeError('the checksum of a block is wrong');
  const block = bytes.subarray(offset, end);
  if (kind === 0) return block;
  if (kind === 1) return decompressSnappy(block);
  throw new RangeError(`unknown compression ${kind}`);
}

/** Keys share a prefix with the key before them; restart points at the end are for searching only. */
function* entriesOf(block: Buffer): Generator<[key: Buffer, value: Buffer]> {
  const restarts = block.length < 4 ? -1 : block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - 4 * restarts;
  if (restarts < 0 || end < 0) throw new RangeError('a block has no restart points');
  const cursor = { bytes: block.subarray(0, end), at: 0 };
  let key: Buffer = Buffer.alloc(0);
  while (cursor.at < end) {
    const shared = readVarint(cursor);
    const own = readVarint(cursor);
    const length = readVarint(cursor);
    if (shared > key.length || cursor.at + own + length > end)
      throw new RangeError('a key or value is cut off');
    if (shared + own > LONGEST_KEY) throw new RangeError(`a name has more than ${LONGEST_KEY} bytes`);
    key = Buffer.concat([key.subarray(0, shared), block.subarray(cursor.at, cursor.at + own)]);
    cursor.at += own + length;
    yield [key, block.subarray(cursor.at - length, cursor.at)];
  }
}
