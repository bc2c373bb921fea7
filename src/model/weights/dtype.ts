import type { FileHandle } from 'node:fs/promises';
import { InputError } from '../../errors.js';

/** Bytes of a value, by the names that safetensors gives its types. */
export const valueBytes = new Map([
  ['F64', 8],
  ['I64', 8],
  ['U64', 8],
  ['F32', 4],
  ['I32', 4],
  ['U32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['I16', 2],
  ['U16', 2],
  ['I8', 1],
  ['U8', 1],
  ['BOOL', 1],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
]);

const arrays = new Map<string, (buffer: ArrayBuffer) => ArrayLike<number | bigint>>([
  ['F64', (buffer) => new Float64Array(buffer)],
  ['I64', (buffer) => new BigInt64Array(buffer)],
  ['U64', (buffer) => new BigUint64Array(buffer)],
  ['I32', (buffer) => new Int32Array(buffer)],
  ['U32', (buffer) => new Uint32Array(buffer)],
  ['I16', (buffer) => new Int16Array(buffer)],
  ['U16', (buffer) => new Uint16Array(buffer)],
  ['I8', (buffer) => new Int8Array(buffer)],
  ['U8', (buffer) => new Uint8Array(buffer)],
  ['BOOL', (buffer) => new Uint8Array(buffer)],
]);

/** Values of a tensor, little-endian as every format here stores them, as float32. Undefined: a type not read. */
export function toFloat32(buffer: ArrayBuffer, dtype: string): Float32Array | undefined {
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F16') return fromHalf(new Uint16Array(buffer));
  if (dtype === 'BF16') return fromBfloat(new Uint16Array(buffer));
  const view = arrays.get(dtype)?.(buffer);
  return view && Float32Array.from(view, Number);
}

/** Rounded to the nearest half precision, ties to even; what is 65,520 or more becomes infinite. */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    let half: number;
    if (magnitude > 0x7f800000)
      half = 0x7e00; // NaN
    else if (magnitude >= 0x47800000)
      half = 0x7c00; // 2 ** 16
    else if (magnitude >= 0x38800000)
      // 2 ** -14: a mantissa that is rounded up to the next power of two carries into the exponent.
      half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    // Subnormal: beside 0.5 the last digit of a float32 is 2 ** -24, half precision's smallest step.
    else half = (Math.fround(Math.abs(values[i]!) + 0.5) - 0.5) * 2 ** 24;
    halves[i] = half | ((bits[i]! >>> 16) & 0x8000);
  }
  return halves;
}

/** Rounded to the nearest bfloat16, ties to even. */
export function toBfloat(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const one = bits[i]!;
    // NaN keeps a bit of its mantissa, or it would be infinite.
    halves[i] =
      (one & 0x7fffffff) > 0x7f800000 ? (one >>> 16) | 0x40 : (one + 0x7fff + ((one >>> 16) & 1)) >>> 16;
  }
  return halves;
}

function fromBfloat(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** IEEE 754 half precision, subnormals, infinities and NaN included. */
export function fromHalf(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const magnitude = half & 0x7fff;
    if (magnitude >= 0x7c00) bits[i] = 0x7f800000 | (magnitude << 13);
    else {
      bits[i] = magnitude << 13;
      values[i]! *= 2 ** 112; // from float32's exponent bias to float16's
    }
    bits[i]! |= (half & 0x8000) << 16;
  }
  return values;
}

/** Reads `bytes` bytes at `position`. @throws InputError where the file ends earlier */
export async function readExactly(
  handle: FileHandle,
  position: number,
  bytes: number,
  file: string,
): Promise<ArrayBuffer> {
  const buffer = new Uint8Array(bytes);
  const most = 1 << 28; // one call of the system reads 2 GiB at most
  for (let at = 0; at < bytes;) {
    const { bytesRead } = await handle.read(buffer, at, Math.min(most, bytes - at), position + at);
    if (bytesRead === 0)
      throw new InputError(
        `${file} ends at byte ${position + at}, in the middle of a tensor: fetch it again`,
      );
    at += bytesRead;
  }
  return buffer.buffer;
}
