import { createHash } from 'node:crypto';
import path from 'node:path';
import { InputError } from '../errors.js';
import { parseAnnotations } from './brat.js';
import { codePoints } from './codepoints.js';
import { findNormTable, joinCodes } from './codes.js';
import type { Document, Span } from './document.js';
import { report, type Fault } from './fault.js';
import { mapBounded } from '../files/bounded.js';
import { decodeText, encodingProblem, listNames, readBytes, readText } from '../files/text.js';
import { listFolders, readSource, type Source, type TaskFolder, type Tasks } from './folders.js';
import { parseNorm } from './norm.js';
import { unreadIn } from './unread.js';

export type { Tasks } from './folders.js';
export { writeCorpus } from './write.js';

export interface Corpus {
  folder: string;
  /** Sorted by name, in order of code units. */
  documents: Document[];
  /** Warnings; errors too where the reader was tolerant. */
  faults: Fault[];
  /** SHA-256, in hexadecimal, of the names and contents of all files read. */
  hash: string;
  /** The .ann files whose lines are not in order. */
  unsorted: string[];
}

export interface CorpusOptions {
  /** The NORM table; null or absent: the only .tsv file in the corpus folder, if there is one; 'none': no codes. */
  norm?: string | null;
  /** List errors among the faults and go on, instead of throwing at the first. */
  tolerant?: boolean;
}

/**
 * Reads a brat corpus: per task a folder of .txt and .ann files, with the same texts in every one.
 * @throws InputError naming the file, at the first error (unless `tolerant`): half a document, a task
 * without its folder, texts that differ between tasks, bytes that are not UTF-8, annotations that do not
 * fit their text, rows of the NORM table that fit no document. A folder without documents always throws.
 */
export async function readCorpus(
  folder: string,
  tasks: Tasks,
  { norm = null, tolerant = false }: CorpusOptions = {},
): Promise<Corpus> {
  const reading: Reading = { tasks, tolerant, faults: [], unsorted: [], unknown: new Map() };
  const { folders, names } = await listFolders(folder, tasks, reading.faults, tolerant);
  const sources = await mapBounded(names, 16, (name) =>
    Promise.all(folders.map((taskFolder) => readSource(taskFolder, name))),
  );
  const hash = createHash('sha256');
  const documents = names.flatMap((name, index) => {
    folders.forEach((taskFolder, which) => hashSource(hash, taskFolder, name, sources[index]![which]!));
    return makeDocument(name, folders, sources[index]!, reading) ?? [];
  });
  reportUnknownLabels(reading);

  const table = norm === 'none' ? null : (norm ?? (await findNormTable(folder, reading.faults)));
  if (table !== null) {
    const bytes = await readBytes(table);
    hashFile(hash, 'norm', bytes);
    const { rows, faults } = readTable(bytes, table, norm === null);
    for (const fault of faults) report(reading.faults, fault, tolerant);
    joinCodes(documents, rows, table, reading.faults, tolerant);
  }
  return { folder, documents, faults: reading.faults, hash: hash.digest('hex'), unsorted: reading.unsorted };
}

/** The rows of the NORM table, with faults in them. A guess is a file that nobody named: it may be no such table. */
function readTable(bytes: Buffer, file: string, isGuess: boolean) {
  try {
    return parseNorm(decodeText(bytes, file), file, { tolerant: true });
  } catch (error) {
    if (!isGuess || !(error instanceof InputError)) throw error;
    throw new InputError(
      `${error.message} It was taken for the table of codes as the only .tsv file there: where it is none, leave it out with data.norm: none (--set data.norm=none).`,
      { cause: error },
    );
  }
}

/**
 * The .txt files of a folder, one at a time, in order of their names; only those whose name is wanted.
 * @throws InputError where the folder is missing or has none, and at a file that is not UTF-8.
 */
export async function* readTexts(
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): AsyncGenerator<Pick<Document, 'name' | 'text'>> {
  const names = await listNames(folder, '.txt');
  if (names.length === 0) {
    const unread = (await unreadIn(folder)).map((message) => ` ${message}`);
    throw new InputError(`The folder ${folder} has no .txt files.${unread.join('')}`);
  }
  for (const name of names.filter(isWanted))
    yield { name, text: await readText(path.join(folder, `${name}.txt`)) };
}

interface Reading {
  tasks: Tasks;
  tolerant: boolean;
  faults: Fault[];
  unsorted: string[];
  /** Number of spans by folder and label, where the label is of no task. */
  unknown: Map<string, { taskFolder: TaskFolder; label: string; count: number }>;
}

/** A document from its files in all task folders; undefined where no text could be read. */
function makeDocument(
  name: string,
  folders: TaskFolder[],
  sources: Source[],
  reading: Reading,
): Document | undefined {
  const texts = folders.map(({ path: folder }, which) =>
    decode(sources[which]!.text, path.join(folder, `${name}.txt`), reading),
  );
  const first = texts.findIndex((text) => text !== undefined);
  const text = texts[first];
  if (text === undefined) return undefined;

  const spans: Document['spans'] = Object.fromEntries(Object.keys(reading.tasks).map((task) => [task, []]));
  folders.forEach((taskFolder, which) => {
    const own = texts[which];
    const same = own === undefined || own === text;
    if (!same) reportDifference(name, folders[first]!, taskFolder, text, own, reading);
    const file = path.join(taskFolder.path, `${name}.ann`);
    const content = decode(sources[which]!.annotations, file, reading);
    if (content === undefined) return;
    const annotations = parseAnnotations(content, file, own ?? text, { tolerant: reading.tolerant });
    for (const fault of annotations.faults) reading.faults.push(fault);
    if (!annotations.sorted) reading.unsorted.push(file);
    countUnknown(taskFolder, annotations.spans, reading);
    if (same)
      for (const task of taskFolder.tasks)
        spans[task] = annotations.spans.filter(({ label }) => reading.tasks[task]!.labels.includes(label));
  });
  return { name, text, spans, codes: [] };
}

function decode(bytes: Buffer | undefined, file: string, { faults, tolerant }: Reading): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decodeText(bytes, file);
  } catch {
    report(faults, { file, kind: 'encoding', severity: 'error', message: encodingProblem(bytes) }, tolerant);
    return undefined;
  }
}

function reportDifference(
  name: string,
  first: TaskFolder,
  second: TaskFolder,
  text: string,
  other: string,
  { faults, tolerant }: Reading,
): void {
  let index = 0;
  while (index < text.length && text[index] === other[index]) index++;
  const offset = codePoints(text).fromUtf16(index);
  const message =
    `not the same text as ${path.join(first.path, `${name}.txt`)}, from character ${offset} on; ` +
    'all tasks annotate the same texts.';
  const file = path.join(second.path, `${name}.txt`);
  report(faults, { file, kind: 'text', severity: 'error', message }, tolerant);
}

function countUnknown(taskFolder: TaskFolder, spans: Span[], { tasks, unknown }: Reading): void {
  for (const { label } of spans) {
    if (taskFolder.tasks.some((task) => tasks[task]!.labels.includes(label))) continue;
    const key = `${taskFolder.folder}\t${label}`;
    const count = unknown.get(key)?.count ?? 0;
    unknown.set(key, { taskFolder, label, count: count + 1 });
  }
}

function reportUnknownLabels({ unknown, faults }: Reading): void {
  for (const { taskFolder, label, count } of unknown.values()) {
    const spans = count === 1 ? '1 span has' : `${count} spans have`;
    const message = `${spans} the label ${label}, which ${listedBy(taskFolder.tasks)} not list; ignored.`;
    faults.push({ file: taskFolder.path, kind: 'label', severity: 'warning', message });
  }
}

const listedBy = (tasks: string[]) =>
  tasks.length === 1 ? `task ${tasks[0]} does` : `tasks ${tasks.join(', ')} do`;

type Hash = ReturnType<typeof createHash>;

function hashSource(hash: Hash, { folder }: TaskFolder, name: string, source: Source): void {
  hashFile(hash, `${folder}/${name}.txt`, source.text);
  hashFile(hash, `${folder}/${name}.ann`, source.annotations);
}

function hashFile(hash: Hash, name: string, bytes: Buffer | undefined): void {
  hash.update(`${name}\0${bytes?.length ?? 'none'}\0`);
  if (bytes) hash.update(bytes);
}
