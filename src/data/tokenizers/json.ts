import { InputError } from '../../errors.js';
import { decodeText } from '../../files/text.js';

export type Json = Record<string, unknown>;

const advice = 'copy the file from the model again';

/** @throws InputError where the content is no JSON, or something else than an object */
export function parseObject(content: Uint8Array, file: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(content, file).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new InputError(`${file} is no readable JSON: ${(error as Error).message}; ${advice}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError(`${file} is no JSON object; ${advice}`);
  return value as Json;
}
