import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { corpusFormats, type CorpusFormatName } from '../../config/choices.js';
import { UsageError } from '../../errors.js';
import { groupByFolder, type Tasks } from '../folders.js';
import { formats } from './registry.js';

/**
 * What format a corpus is of, by the names of its files. brat for a folder with a task's folder in it, with .ann files, or
 * with nothing that says otherwise.
 * @throws UsageError for a file of another name, and a folder with files of several formats
 */
export async function detectFormat(corpus: string, tasks: Tasks): Promise<CorpusFormatName> {
  const stats = await stat(corpus).catch(() => undefined);
  if (stats && !stats.isDirectory()) {
    const [format] = formatsOf([path.basename(corpus)]);
    if (format !== undefined && format !== 'brat') return format;
    throw new UsageError(
      `${corpus} is a file, and its name does not tell its format: say which with data.format (${corpusFormats.join(', ')})`,
    );
  }
  const names = await readdir(corpus).catch(() => []);
  const taskFolders = groupByFolder(tasks).map(({ folder }) => folder.split(path.sep)[0]!);
  if (names.some((name) => taskFolders.includes(name) || name.endsWith('.ann'))) return 'brat';
  const found = formatsOf(names);
  if (found.length > 1)
    throw new UsageError(
      `${corpus} has files of several formats (${found.join(', ')}): say which with data.format`,
    );
  return found[0] ?? 'brat';
}

function formatsOf(names: string[]): CorpusFormatName[] {
  const seen = names.filter((name) => !name.startsWith('.'));
  const isOf = ({ endings }: { endings: readonly string[] }) =>
    seen.some((name) => endings.some((ending) => name.endsWith(ending)));
  return corpusFormats.filter((format) => isOf(formats[format]));
}
