import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { corpusFormats, type CorpusFormatName } from '../../config/choices.js';
import { UsageError } from '../../errors.js';
import { readChunks, readLines } from '../../files/lines.js';
import { groupByFolder, type Tasks } from '../folders.js';
import { filesOf } from './files.js';
import { formats } from './registry.js';

/**
 * What format a corpus is of, by the names of its files. brat for a folder with a task's folder in it, with .ann files, or
 * with nothing that says otherwise.
 * Files of JSONL are told apart by their first record.
 * @param option what people say the format with
 * @throws UsageError for a file of another name, a folder with files of several formats, a record of none
 */
export async function detectFormat(
  corpus: string,
  tasks: Tasks,
  option = 'data.format',
): Promise<CorpusFormatName> {
  const isFolder = await stat(corpus).then(
    (stats) => stats.isDirectory(),
    () => true,
  );
  const names = isFolder ? await readdir(corpus).catch(() => []) : [path.basename(corpus)];
  const taskFolders = groupByFolder(tasks).map(({ folder }) => folder.split(path.sep)[0]!);
  if (isFolder && names.some((name) => taskFolders.includes(name) || name.endsWith('.ann'))) return 'brat';
  const found: CorpusFormatName[] = [];
  for (const format of formatsOf(names)) if (await mayBe(format, corpus)) found.push(format);
  if (found.length > 1 && found.every((format) => formats[format].claims))
    return claimedBy(found, corpus, option);
  if (found.length > 1)
    throw new UsageError(
      `${corpus} has files of several formats (${found.join(', ')}): say which with ${option}`,
    );
  if (found.length === 0 && !isFolder)
    throw new UsageError(
      `${corpus} is a file, and its name does not tell its format: say which with ${option} (${corpusFormats.join(', ')})`,
    );
  return found[0] ?? 'brat';
}

function formatsOf(names: string[]): CorpusFormatName[] {
  const seen = names.filter((name) => !name.startsWith('.'));
  const isOf = ({ endings }: { endings: readonly string[] }) =>
    seen.some((name) => endings.some((ending) => name.endsWith(ending)));
  return corpusFormats.filter((format) => isOf(formats[format]));
}

async function mayBe(format: CorpusFormatName, corpus: string): Promise<boolean> {
  const { begins, endings } = formats[format];
  if (!begins) return true;
  const [file] = await filesOf(corpus, endings);
  for await (const chunk of readChunks(file!.path)) return begins(chunk.toString());
  return false;
}

/** The format, of those with the same kind of files, that the first record of the first file is of. */
async function claimedBy(
  found: CorpusFormatName[],
  corpus: string,
  option: string,
): Promise<CorpusFormatName> {
  const [file] = await filesOf(corpus, formats[found[0]!].endings);
  const record = await firstRecord(file!.path);
  const format = record && found.find((one) => formats[one].claims?.(record));
  if (format) return format;
  throw new UsageError(
    `${file!.path} begins with a record of none of the formats ${found.join(', ')}: say which it is of with ${option}, to be told what is wrong`,
  );
}

async function firstRecord(file: string): Promise<object | undefined> {
  for await (const { text } of readLines(file)) {
    if (text.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'object' && value !== null ? value : undefined;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
