import { readVarint } from './varint.js';

const largest = 1 << 28; // blocks of an index are a few kilobytes

/**
 * Decompresses a block of raw snappy.
 * @throws RangeError where it is damaged
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappy(bytes: Uint8Array): Buffer {
  const cursor = { bytes, at: 0 };
  const size = readVarint(cursor);
  if (size > largest) throw new RangeError('a compressed block is too large');
  const result = Buffer.alloc(size);
  let end = 0;
  const take = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++) value += (bytes[cursor.at++] ?? 0) * 256 ** i;
    return value;
  };
  while (cursor.at < bytes.length) {
    const tag = take(1);
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const length = 1 + (short < 60 ? short : take(short - 59));
      if (cursor.at + length > bytes.length || end + length > size)
        throw new RangeError('a literal is cut off');
      result.set(bytes.subarray(cursor.at, cursor.at + length), end);
      cursor.at += length;
      end += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const distance = kind === 1 ? (tag >> 5) * 256 + take(1) : take(kind === 2 ? 2 : 4);
    if (distance === 0 || distance > end || end + length > size)
      throw new RangeError('a copy is out of range');
    for (let i = 0; i < length; i++, end++) result[end] = result[end - distance]!; // may overlap itself
  }
  if (end !== size) throw new RangeError('a compressed block is cut off');
  return result;
}
