import { readdir } from 'node:fs/promises';
import { isTemporary } from '../files/temporary.js';
import { unwritable } from '../files/write.js';

/** What is in a run's folder but its lock and what is not whole yet; nothing where there is no folder. @throws InputError for a file */
export async function entriesOf(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw unwritable(folder, error);
  });
  return files.filter((name) => !name.startsWith('lock.json') && !isTemporary(name));
}
