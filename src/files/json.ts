import type { z } from 'zod';
import { InputError } from '../errors.js';
import { firstIssue } from './issue.js';
import { decodeText, readBytes } from './text.js';
import { writeAtomically } from './write.js';

/**
 * A file of JSON, held to its schema. `what` names it ("a run's record"), and `advice` says what to do about a
 * damaged one.
 * @throws InputError, one sentence, where the file cannot be read, is no JSON, or holds something else
 */
export async function readJson<T>(
  file: string,
  schema: z.ZodType<T>,
  what: string,
  advice?: string,
): Promise<T> {
  return parseJson(await readBytes(file), file, schema, what, advice);
}

/** The same of a content that has been read. */
export function parseJson<T>(
  content: Uint8Array | string,
  file: string,
  schema: z.ZodType<T>,
  what: string,
  advice?: string,
): T {
  return holdTo(schema, parseJsonValue(content, file, what, advice), file, what, advice);
}

/** The value of a JSON text, whatever it holds. @throws InputError where it is none */
export function parseJsonValue(
  content: Uint8Array | string,
  file: string,
  what: string,
  advice?: string,
): unknown {
  const text = typeof content === 'string' ? content : decodeText(content, file);
  if (text.trim() === '') throw damaged(file, what, 'it is empty', advice);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw damaged(file, what, `it is not JSON (${(error as Error).message})`, advice, error);
  }
}

/** What a schema makes of a value that was read from a file. @throws InputError where it does not fit */
export function holdTo<T>(
  schema: z.ZodType<T>,
  value: unknown,
  file: string,
  what: string,
  advice?: string,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damaged(file, what, firstIssue(parsed.error), advice, parsed.error);
}

/** Writes a file of JSON for people to read, too. @throws InputError where it cannot be written */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}

function damaged(file: string, what: string, why: string, advice?: string, cause?: unknown): InputError {
  const help = advice === undefined ? '' : `; ${advice}`;
  return new InputError(`${file} cannot be read as ${what}: ${why}${help}.`, { cause });
}
