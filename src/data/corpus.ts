import { createHash } from 'node:crypto';
import path from 'node:path';
import { InputError, UsageError } from '../errors.js';
import { corpusFormats, type CorpusFormatName } from '../config/choices.js';
import { checkChoice, checkText } from '../config/given.js';
import { findNormTable, joinCodes } from './codes.js';
import { compareStrings, type Document } from './document.js';
import { report, type Fault } from './fault.js';
import { decodeText, listNames, readBytes, readText } from '../files/text.js';
import { detectFormat } from './formats/detect.js';
import type { Counted, Reading } from './formats/format.js';
import { hashFile } from './formats/hash.js';
import { formats } from './formats/registry.js';
import type { Tasks } from './folders.js';
import { parseNorm } from './norm.js';
import { unreadIn } from './unread.js';

export type { Tasks } from './folders.js';

/** A corpus that was read. */
export interface Corpus {
  /** A file where its format is one of a single file. */
  folder: string;
  /** What its files were read as. */
  format: CorpusFormatName;
  /** Sorted by name, in order of code units. */
  documents: Document[];
  /** Warnings; errors too where the reader was tolerant. */
  faults: Fault[];
  /** SHA-256, in hexadecimal, of the names and contents of all files read. */
  hash: string;
  /** The .ann files whose lines are not in order. */
  unsorted: string[];
  /** What the files have and a document has no place for: relations, notes, … */
  passedOver: Counted;
}

/** How a corpus is read. */
export interface CorpusOptions {
  /** What its files are; auto (the default): told by their names. */
  format?: CorpusFormatName | 'auto';
  /** The NORM table; null or absent: the only .tsv file in the corpus folder, if there is one; 'none': no codes. */
  norm?: string | null;
  /** List errors among the faults and go on, instead of throwing at the first. */
  tolerant?: boolean;
}

/**
 * Reads a corpus. In brat's format it is per task a folder of .txt and .ann files, with the same texts in every one;
 * in others, one file or a folder of them, where a span is of each task that lists its label.
 * @param folder of the corpus; a file where its format is one of a single file
 * @param tasks as a config has them
 * @param options how it is read
 * @throws InputError naming the file, at the first error (unless `tolerant`): half a document, a task
 * without its folder, texts that differ between tasks, bytes that are not UTF-8, annotations that do not
 * fit their text, documents of one name, rows of the NORM table that fit no document. A folder without
 * documents always throws; UsageError for a format that there is not, or no tasks.
 */
export async function readCorpus(
  folder: string,
  tasks: Tasks,
  { format: asked = 'auto', norm = null, tolerant = false }: CorpusOptions = {},
): Promise<Corpus> {
  checkText('folder', folder);
  if (Object.keys(tasks).length === 0) throw new UsageError('tasks is empty: name at least one task');
  checkChoice('format', asked, ['auto', ...corpusFormats]);
  const format = asked === 'auto' ? await detectFormat(folder, tasks) : asked;
  const hash = createHash('sha256');
  const reading: Reading = { tasks, tolerant, hash, faults: [], unsorted: [], passedOver: {} };
  const documents: Document[] = [];
  for await (const document of formats[format].read(folder, reading)) documents.push(document);
  documents.sort((a, b) => compareStrings(a.name, b.name));

  const { faults, unsorted, passedOver } = reading;
  if (norm === 'none') for (const document of documents) document.codes = [];
  const table = norm === 'none' ? null : (norm ?? (await findNormTable(folder, faults)));
  if (table !== null) {
    const bytes = await readBytes(table);
    hashFile(hash, 'norm', bytes);
    const { rows, faults: inTable } = readTable(bytes, table, norm === null);
    for (const fault of inTable) report(faults, fault, tolerant);
    joinCodes(documents, rows, table, faults, tolerant);
  }
  return { folder, format, documents, faults, hash: hash.digest('hex'), unsorted, passedOver };
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
 * The .txt files of a folder, one at a time, in order of their names.
 * @param folder where they are
 * @param isWanted whether a file of that name, without its ending, is read; all are by default
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
