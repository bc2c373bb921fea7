import { z } from 'zod';
import { parseJson } from '../../files/json.js';

export type Json = Record<string, unknown>;

const object = z.custom<Json>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'Invalid input: expected an object' },
);

/**
 * The object in a file of a tokenizer, every key as it stands: a piece may be called as it likes.
 * @throws InputError where the content is no JSON, or something else than an object
 */
export function parseObject(content: Uint8Array, file: string): Json {
  return parseJson(content, file, object, 'part of a tokenizer', 'copy the file from the model again');
}
