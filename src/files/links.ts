import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';

/**
 * For what is handed on: behind a link is what nobody meant to. That there is nothing is right.
 * @throws InputError for a link
 */
export async function refuseLink(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there?.isSymbolicLink()) throw linked(path);
}

/** The same for all that is below a folder. @throws InputError for the first link */
export async function refuseLinksBelow(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const [link] = entries
    .filter((entry) => entry.isSymbolicLink())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  if (link !== undefined) throw linked(link);
}

function linked(path: string): InputError {
  return new InputError(
    `${path} is a link, and what it leads to would be handed on: put a file in its place, or remove it`,
  );
}
