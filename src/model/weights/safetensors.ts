import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { parseJson } from '../../files/json.js';
import { openFile } from '../../files/open.js';
import { shown } from '../../files/shown.js';
import { readExactly, toFloat32, valueBytes } from './dtype.js';
import { checkFinite } from '../finite.js';
import { entryOf, extentOf, sizeOf, type WeightEntry, type WeightFile } from './weightFile.js';

const longestHeader = 100_000_000; // the limit of the reference implementation

interface StoredEntry extends WeightEntry {
  /** Bytes from the start of the file. */
  begin: number;
  end: number;
}

/**
 * Opens a safetensors file and checks its whole header; tensors are read when asked for.
 * @throws InputError naming file and tensor, where the header and the file disagree
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export async function openSafetensors(file: string): Promise<WeightFile> {
  const handle = await openFile(file);
  try {
    const entries = await readHeader(handle, file);
    return {
      file,
      entries,
      async read(name, rows) {
        const entry = entryOf(entries, name, file);
        const { offset, values } = extentOf(entry, file, rows);
        const bytes = valueBytes.get(entry.dtype)!;
        const buffer = await readExactly(handle, entry.begin + offset * bytes, values * bytes, file);
        const floats = toFloat32(buffer, entry.dtype);
        if (!floats)
          throw new InputError(`${file}: ${name} has type ${entry.dtype}; save it as F32, F16 or BF16`);
        return checkFinite(floats, name, file);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(handle: FileHandle, file: string): Promise<Map<string, StoredEntry>> {
  const { size } = await handle.stat();
  if (size < 8) throw new InputError(`${file} is no safetensors file: it has only ${size} bytes`);
  const length = new DataView(await readExactly(handle, 0, 8, file)).getBigUint64(0, true);
  if (length < 2n || length > longestHeader || 8n + length > size)
    throw new InputError(
      `${file} is no whole safetensors file: it has ${size} bytes and its header claims ${length}`,
    );
  const start = 8 + Number(length);
  const header = parseHeader(await readExactly(handle, 8, Number(length), file), file);
  const { __metadata__: about, ...tensors } = header;
  const entries = new Map<string, StoredEntry>();
  for (const [name, value] of Object.entries(tensors))
    entries.set(name, parseEntry(name, value, start, file));
  checkLayout([...entries.values()], start, size, file);
  checkMetadata(about, file);
  return entries;
}

const headerSchema = z.custom<Record<string, unknown>>(isRecord, {
  error: 'Invalid input: expected an object',
});

function parseHeader(buffer: ArrayBuffer, file: string): Record<string, unknown> {
  const bytes = new Uint8Array(buffer);
  return parseJson(bytes, file, headerSchema, 'safetensors with a header', 'fetch the file again');
}

function checkMetadata(about: unknown, file: string): void {
  if (about === undefined) return;
  if (!isRecord(about) || Object.values(about).some((value) => typeof value !== 'string'))
    throw new InputError(`${file}: __metadata__ in the header is no object of strings`);
}

function parseEntry(name: string, value: unknown, start: number, file: string): StoredEntry {
  const wrong = (what: string) => new InputError(`${file}: ${JSON.stringify(name)} ${what}`);
  if (name === '__proto__') throw wrong('is no name for a tensor');
  if (!isRecord(value)) throw wrong('has no description in the header');
  const { dtype, shape, data_offsets: offsets } = value;
  const bytes = typeof dtype === 'string' ? valueBytes.get(dtype) : undefined;
  if (bytes === undefined) throw wrong(`has the unknown type ${shown(dtype)}; save it as F32, F16 or BF16`);
  if (!isCounts(shape) || Number.isNaN(sizeOf(shape)))
    throw wrong(`has ${shown(shape)} where a shape should be`);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw wrong(`has ${shown(offsets)} where data_offsets should be`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== sizeOf(shape) * bytes)
    throw wrong(`has ${end - begin} bytes, but shape [${shape}] of ${dtype} needs ${sizeOf(shape) * bytes}`);
  return { name, shape, dtype: dtype as string, begin: start + begin, end: start + end };
}

/** Tensors lie end to end from the header to the end of the file. */
function checkLayout(entries: StoredEntry[], start: number, size: number, file: string): void {
  let at = start;
  for (const { name, begin, end } of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > size)
      throw new InputError(
        `${file}: ${name} ends at byte ${end}, but the file has ${size}: it was cut off; fetch it again`,
      );
    if (begin !== at)
      throw new InputError(
        `${file}: ${name} ${begin < at ? 'overlaps the tensor before it' : 'follows a gap'}; fetch it again`,
      );
    at = end;
  }
  if (at !== size)
    throw new InputError(`${file} has ${size - at} bytes that belong to no tensor; fetch it again`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
