import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { exists, listNames } from '../files/text.js';
import { InputError } from '../errors.js';

/**
 * The folder with a task's .ann files: the given one, or the first of `subfolders` in it that has any; they
 * are asked for only then. The given folder where there are none at all, and a file as it is.
 * @throws InputError where the folder cannot be read.
 */
export async function annotationFolder(folder: string, subfolders: () => Promise<string[]>): Promise<string> {
  if ((await stat(folder).catch(() => undefined))?.isFile()) return folder;
  if ((await listNames(folder, '.ann')).length > 0) return folder;
  const isEmpty = (await readdir(folder)).length === 0;
  for (const name of isEmpty ? [] : await subfolders()) {
    const inside = path.join(folder, name);
    if ((await exists(inside)) && (await listNames(inside, '.ann')).length > 0) return inside;
  }
  return folder;
}

/**
 * The table of codes: the given file, or in the given folder norm.tsv, else the only .tsv file.
 * @throws InputError where the folder has no such file.
 */
export async function normFile(given: string): Promise<string> {
  const files = await readdir(given).catch(() => undefined);
  if (files === undefined) return given;
  const tables = files.filter((file) => file.endsWith('.tsv') && !file.startsWith('.'));
  if (tables.includes('norm.tsv')) return path.join(given, 'norm.tsv');
  if (tables.length === 1) return path.join(given, tables[0]!);
  throw new InputError(
    `${given} has no norm.tsv${tables.length > 1 ? ` and ${tables.length} other .tsv files` : ''}; name the table of codes itself.`,
  );
}
