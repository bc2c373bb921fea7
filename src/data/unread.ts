import { readdir } from 'node:fs/promises';
import path from 'node:path';

const SHOWN = 3;
/** Folders below a folder that are looked into. */
const DEPTH = 4;

/**
 * What stands beside the texts of a folder and looks like texts, but is not read: files whose names end in .TXT
 * or .ANN, and folders that hold texts. A sentence for each of the two; `known` are folders that somebody reads.
 */
export async function unreadIn(folder: string, known: readonly string[] = []): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    const inside = path.join(folder, entry.name);
    if (entry.name.startsWith('.') || known.includes(inside)) continue;
    if (!entry.isDirectory()) {
      if (isMisnamed(entry.name)) files.push(entry.name);
    } else if (await holdsTexts(inside, DEPTH)) folders.push(entry.name);
  }
  const rename = 'rename what is a text or its annotations, so that it ends in .txt or .ann.';
  return [
    ...(files.length > 0 ? [`not read: ${few(files, 'file')}; ${rename}`] : []),
    ...(folders.length > 0
      ? [`not read: ${few(folders, 'folder')} with texts; put them into ${folder} itself.`]
      : []),
  ];
}

async function holdsTexts(folder: string, depth: number): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => !entry.isDirectory() && /\.(txt|ann)$/i.test(entry.name))) return true;
  for (const entry of entries)
    if (depth > 1 && entry.isDirectory() && (await holdsTexts(path.join(folder, entry.name), depth - 1)))
      return true;
  return false;
}

const isMisnamed = (name: string) => /\.(txt|ann)$/i.test(name) && !/\.(txt|ann)$/.test(name);

/** "3 files (a.TXT, b.TXT, …)" */
function few(names: string[], noun: string): string {
  const shown = names.sort().slice(0, SHOWN).join(', ');
  const rest = names.length > SHOWN ? ', …' : '';
  return `${names.length} ${noun}${names.length === 1 ? '' : 's'} (${shown}${rest})`;
}
