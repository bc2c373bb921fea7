/** A place in some bytes. */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
}

/** Reads a base-128 varint and moves on. @throws RangeError where it is cut off or past 2^53 */
export function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new RangeError('a number is cut off');
    value += (byte & 127) * scale;
    if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large');
    if (byte < 128) return value;
  }
}

/** The fields of a protocol buffer message: number, and value of a varint, fixed32 or bytes. */
export function* readFields(bytes: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor);
    const field = Math.floor(tag / 8);
    const length = { 0: 0, 1: 8, 2: -1, 5: 4 }[tag % 8];
    if (length === undefined) throw new RangeError(`unknown wire type ${tag % 8}`);
    if (length === 0) {
      yield [field, readVarint(cursor)];
      continue;
    }
    const size = length > 0 ? length : readVarint(cursor);
    if (cursor.at + size > bytes.length) throw new RangeError('a field is cut off');
    cursor.at += size;
    yield [field, bytes.subarray(cursor.at - size, cursor.at)];
  }
}
