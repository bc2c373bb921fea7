type Tables = [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array]; // prettier-ignore

/** tables[k][b]: what byte b does to the checksum when k more bytes follow it. */
const tables = Array.from({ length: 8 }, () => new Uint32Array(256)) as Tables;
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  tables[0][byte] = crc;
}
for (let byte = 0; byte < 256; byte++)
  for (let k = 1; k < 8; k++) {
    const shorter = tables[k - 1]![byte]!;
    tables[k]![byte] = (shorter >>> 8) ^ tables[0][shorter & 255]!;
  }

/** Checksum with Castagnoli's polynomial, eight bytes at a time: LevelDB's tables and TensorFlow's tensors have it. */
export function crc32c(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const whole = bytes.length - (bytes.length % 8);
  let crc = ~0;
  let at = 0;
  for (; at < whole; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t7[crc & 255]! ^
      t6[(crc >>> 8) & 255]! ^
      t5[(crc >>> 16) & 255]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

/** The checksum as it is stored, "masked" (rotated and shifted): data that hold checksums have good ones then. */
export function unmasked(stored: number): number {
  const rotated = (stored - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
