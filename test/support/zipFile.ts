import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  content: Buffer | string;
  /** Unix mode with type, 0o120777 for a link. */
  mode?: number;
  /** Written in place of the right checksum. */
  crc?: number;
}

/** A zip of these entries, whatever their names; large ones are compressed. */
export function zipOf(entries: ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, mode = 0o100644, crc } of entries) {
    const plain = Buffer.from(content);
    const method = plain.length > 200 ? 8 : 0;
    const data = method ? deflateRawSync(plain) : plain;
    const file = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2); // UTF-8
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc ?? crc32(plain), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(file.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, file);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, file, data);
    at += 30 + file.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** A tar of these entries; `mode` of a link makes its content the link's target, that of a device an empty one. */
export function tarOf(entries: ZipEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content, mode = 0 }) => {
    const link = mode === 0o120777;
    const device = mode >> 12 === 0o02;
    const data = link || device ? Buffer.alloc(0) : Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${(mode & 0o7777 || 0o644).toString(8).padStart(7, '0')}\0`, 100);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(link ? '2' : device ? '3' : '0', 156);
    if (link) header.write(String(content), 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
