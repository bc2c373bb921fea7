import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/schema.js';
import { InputError } from '../errors.js';
import { compareStrings } from './document.js';
import { formatFault, report, type Fault } from './fault.js';
import { lookalikeHint, lookalikes } from './names.js';
import { unreadIn } from './unread.js';
import { listNames, readBytes } from '../files/text.js';
import { groupBy } from './groupBy.js';

/** Tasks by name (`ner`): the folder of a corpus that has a task's files, and its labels. */
export type Tasks = Config['tasks'];

/** A folder of a corpus and the tasks whose annotations it holds: one usually, several if they share it. */
export interface TaskFolder {
  folder: string;
  path: string;
  tasks: string[];
  /** Document names with a .txt here. */
  texts: Set<string>;
  /** Document names with an .ann here. */
  annotations: Set<string>;
}

/** The bytes of a document in one task folder; undefined where a file is missing. */
export interface Source {
  text: Buffer | undefined;
  annotations: Buffer | undefined;
}

/** The folders of the tasks, each once, with the tasks that use it; in order of their names. */
export function groupByFolder(
  tasks: Record<string, { folder: string }>,
): { folder: string; tasks: string[] }[] {
  const groups = groupBy(Object.entries(tasks), ([, { folder }]) =>
    path.normalize(folder).replace(/(?<=.)[/\\]$/, ''),
  );
  return [...groups]
    .map(([folder, own]) => ({ folder, tasks: own.map(([task]) => task) }))
    .sort((a, b) => compareStrings(a.folder, b.folder));
}

/**
 * Lists the files of a corpus, without opening them. Faults: a missing task folder, a .txt without .ann or
 * the reverse, a document that one folder has and another lacks.
 * @throws InputError where the corpus folder is missing or has no document at all.
 */
export async function listFolders(
  corpus: string,
  tasks: Tasks,
  faults: Fault[],
  tolerant: boolean,
): Promise<{ folders: TaskFolder[]; names: string[] }> {
  if (!(await isFolder(corpus))) throw new InputError(`The corpus folder ${corpus} does not exist.`);
  const folders: TaskFolder[] = [];
  const taskFolders = groupByFolder(tasks).map(({ folder }) => path.join(corpus, folder));
  for (const { folder, tasks: names } of groupByFolder(tasks)) {
    const file = path.join(corpus, folder);
    if (!(await isFolder(file))) {
      const message = `the folder of task ${names.join(', ')} does not exist; its .txt and .ann files are looked for there.${await besideFolders(corpus)}`;
      report(faults, { file, kind: 'pair', severity: 'error', message }, tolerant);
      continue;
    }
    for (const message of await unreadIn(file, taskFolders))
      faults.push({ file, kind: 'unread', severity: 'warning', message });
    const [texts, annotations] = await Promise.all([listNames(file, '.txt'), listNames(file, '.ann')]);
    folders.push({
      folder,
      path: file,
      tasks: names,
      texts: new Set(texts),
      annotations: new Set(annotations),
    });
  }
  const all = new Set(folders.flatMap(({ texts, annotations }) => [...texts, ...annotations]));
  if (all.size === 0) {
    const unread = faults.filter(({ kind }) => kind === 'unread').map((fault) => ` ${formatFault(fault)}`);
    throw new InputError(
      `No .txt and .ann files in ${taskFolders.join(' nor in ')}; a brat corpus has both there.${await besideFolders(corpus)}${unread.join('')}`,
    );
  }
  const names = [...all].sort(compareStrings);
  for (const name of names) reportGaps(name, folders, faults, tolerant);
  return { folders, names };
}

/** What to do with files that lie in the corpus itself, where no task's folder is. */
async function besideFolders(corpus: string): Promise<string> {
  const entries = await readdir(corpus, { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && !/^\.|\.tsv$/.test(entry.name));
  if (files.some(({ name }) => name.endsWith('.ann')))
    return ` There are .ann files in ${corpus} itself: with data.corpus: ${path.join(corpus, '..')} and the folder ${path.basename(path.resolve(corpus))} for the task they are read.`;
  return files.length > 0 ? ' Files of another format are read where data.format says which.' : '';
}

/** Reads what a folder has of a document. */
export async function readSource(
  { path: folder, texts, annotations }: TaskFolder,
  name: string,
): Promise<Source> {
  const [text, annotation] = await Promise.all([
    texts.has(name) ? readBytes(path.join(folder, `${name}.txt`)) : undefined,
    annotations.has(name) ? readBytes(path.join(folder, `${name}.ann`)) : undefined,
  ]);
  return { text, annotations: annotation };
}

function reportGaps(name: string, folders: TaskFolder[], faults: Fault[], tolerant: boolean): void {
  const gap = (file: string, reason: string, there: Set<string>) => {
    const message = `${reason}${lookalikeHint(lookalikes(there)(name), 'A file')}`;
    report(faults, { file, kind: 'pair', severity: 'error', message }, tolerant);
  };
  const owner = folders.find(({ texts, annotations }) => texts.has(name) || annotations.has(name))!;
  for (const { path: folder, texts, annotations } of folders) {
    const file = path.join(folder, name);
    if (texts.has(name) && !annotations.has(name))
      gap(
        `${file}.ann`,
        `missing, though ${name}.txt is there; a document without spans has an empty .ann.`,
        annotations,
      );
    else if (annotations.has(name) && !texts.has(name))
      gap(`${file}.txt`, `missing, though ${name}.ann is there.`, texts);
    else if (!texts.has(name))
      gap(
        `${file}.txt`,
        `missing, though ${path.join(owner.path, name)}.txt is there; every task has all documents.`,
        texts,
      );
  }
}

async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
