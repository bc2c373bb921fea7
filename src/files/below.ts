import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths of all files below a folder, relative to it, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const path of paths.sort()) if ((await stat(join(folder, path))).isFile()) files.push(path);
  return files;
}
