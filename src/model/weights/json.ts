import { InputError } from '../../errors.js';
import { readText } from '../../files/text.js';

/** @throws InputError where the file cannot be read or is no JSON */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file} is no readable JSON: ${(error as Error).message}`);
  }
}
