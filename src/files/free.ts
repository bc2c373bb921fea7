import { readdir } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { exists } from './text.js';

/**
 * Holds that nothing is in the place of what is to be made: a file must not be there, and a folder must be empty where it is.
 * @param option that names another place: `--out`
 * @throws UsageError with what is there
 */
export async function checkFree(out: string, kind: 'file' | 'folder', option: string): Promise<void> {
  if (!(await exists(out))) return;
  const names = await readdir(out).catch(() => undefined);
  if (kind === 'folder' && names?.length === 0) return;
  const what = names === undefined ? 'there already' : kind === 'file' ? 'a folder' : 'not empty';
  throw new UsageError(`${out} is ${what}: choose another ${option}`);
}
