/**
 * Whether a Precompiled normalizer's map is whole, so that no text leads out of it: the size of a double array, the
 * array (darts-clone's units of 32 bits), and the texts, each with a NUL at its end, that its values are places in.
 * @see https://github.com/s-yata/darts-clone
 */
export function isWholeCharsmap(encoded: unknown): boolean {
  if (typeof encoded !== 'string' || !/^([\w+/]{4})+([\w+/]{2}==|[\w+/]{3}=)?$/.test(encoded)) return false;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length < 4) return false;
  const size = bytes.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || 4 + size > bytes.length) return false;
  const units = Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  return isText(bytes.subarray(4 + size)) && staysWithin(units, bytes.subarray(4 + size));
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Goes wherever a text could lead. */
function staysWithin(units: readonly number[], texts: Uint8Array): boolean {
  const seen = new Set([0]);
  for (const at of seen) {
    const unit = units[at]!;
    const first = (at ^ offsetOf(unit)) >>> 0;
    if ((first | 255) >>> 0 >= units.length) return false;
    const text = units[first]! & 0x7fffffff;
    if (at > 0 && hasValue(unit) && (text > texts.length || isWithinCharacter(texts[text]))) return false;
    for (let byte = 1; byte < 256; byte++) {
      const next = first ^ byte;
      if ((units[next]! & 0x800000ff) === byte) seen.add(next);
    }
  }
  return true;
}

const hasValue = (unit: number) => (unit & 0x100) !== 0;
const offsetOf = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);

/** Whether a text in UTF-8 that began with this byte would begin in the middle of a character. */
export function isWithinCharacter(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}
