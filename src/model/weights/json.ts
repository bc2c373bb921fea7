import { readFile } from 'node:fs/promises';
import { InputError } from '../../errors.js';

/** @throws InputError where the file cannot be read or is no JSON */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new InputError(`${file} is no readable JSON: ${(error as Error).message}`);
  }
}
