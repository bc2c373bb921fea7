/** A message in protocol buffers' wire format: only what is needed here, so that no library has to come along. */
export class Message {
  private readonly parts: Uint8Array[] = [];

  /** Varint: int32, int64, bool, enum. Negative numbers take ten bytes, as the format has it. */
  int(field: number, value: number): this {
    return this.push(varint(field * 8), varint(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(varint(field * 8 + 5), bytes);
  }

  double(field: number, value: number): this {
    return this.push(varint(field * 8 + 1), doubleBytes([value]));
  }

  /** A packed list. */
  doubles(field: number, values: number[]): this {
    return this.bytes(field, doubleBytes(values));
  }

  /** String, bytes or a message inside this one. */
  bytes(field: number, value: string | Uint8Array | Message): this {
    const bytes =
      value instanceof Message ? value.encode() : typeof value === 'string' ? Buffer.from(value) : value;
    return this.push(varint(field * 8 + 2), varint(bytes.length), bytes);
  }

  encode(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  private push(...parts: Uint8Array[]): this {
    for (const part of parts) this.parts.push(part);
    return this;
  }
}

function doubleBytes(values: number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  values.forEach((value, i) => new DataView(bytes.buffer).setFloat64(8 * i, value, true));
  return bytes;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
