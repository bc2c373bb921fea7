import type { z } from 'zod';
import { InputError } from '../errors.js';
import { firstIssue } from './issue.js';
import { decodeText, readBytes } from './text.js';

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
  const damaged = (why: string, cause: unknown) =>
    new InputError(`${file} cannot be read as ${what}: ${why}${advice === undefined ? '' : `; ${advice}`}.`, {
      cause,
    });
  const text = typeof content === 'string' ? content : decodeText(content, file);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw damaged(`it is not JSON (${(error as Error).message})`, error);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw damaged(firstIssue(parsed.error), parsed.error);
  return parsed.data;
}
