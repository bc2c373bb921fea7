import { z } from 'zod';
import { InputError } from '../errors.js';
import { holdTo, parseJsonValue } from '../files/json.js';
import { readBytes } from '../files/text.js';

/**
 * A file that outlives the version of the program that wrote it. Each version of it has a schema that never changes
 * again, whatever becomes of options and types: one that does no longer fit today's types gets a `.transform` that
 * makes the next version's value of it.
 */
export interface StoredFormat<T> {
  /** What people call the file: "the record of a run". */
  what: string;
  /** What to do about a damaged one. */
  advice: string;
  /** By the number in the file's `format`; a file without one is of version 1. */
  versions: Readonly<Record<number, z.ZodType<T>>>;
}

/**
 * Reads a stored file of any version as today's value.
 * @throws InputError, one sentence that names the file, where it cannot be read, is damaged, or is of a later version
 */
export async function readStored<T>(file: string, format: StoredFormat<T>): Promise<T> {
  return parseStored(await readBytes(file), file, format);
}

/** The same of a content that has been read; `where` names it in a sentence: a file, a line. */
export function parseStored<T>(
  content: Uint8Array | string,
  where: string,
  { what, advice, versions }: StoredFormat<T>,
): T {
  const value = parseJsonValue(content, where, what, advice);
  const version = versionOf(value);
  const newest = Math.max(...Object.keys(versions).map(Number));
  if (version > newest)
    throw new InputError(
      `${where} was made by a newer meddoprof: ${what} has format ${version}, and this version reads ${newest === 1 ? 'format 1' : `formats up to ${newest}`}; use the version that made it.`,
    );
  const schema: z.ZodType<T> = versions[version] ?? z.never({ error: `its format is ${version}` });
  return holdTo(schema, value, where, what, advice);
}

/** A number that a computation made: JSON writes NaN as null. */
export const computed = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);

function versionOf(value: unknown): number {
  const { format } = (isMapping(value) ? value : {}) as { format?: unknown };
  return typeof format === 'number' ? format : 1;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
