import { existsSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { formatAnnotations, parseAnnotations } from '../data/brat.js';
import { compareSpans } from '../data/document.js';
import { groupByFolder } from '../data/folders.js';
import { isFileName } from '../files/inside.js';
import { listNames, readText } from '../files/text.js';
import { syncFile, unwritable, writeAtomically } from '../files/write.js';
import { formatNorm, type CodedRow } from '../data/norm.js';
import { InputError } from '../errors.js';
import type { Prediction } from './predict.js';
import { readRows, sortedRows } from './shard.js';

/**
 * Writes what was found in one document as the shared task takes it: `<out>/<task's folder>/<name>.ann`, an
 * empty file where there are no spans; tasks that share a folder share the file. With `fragments`, spans over a
 * line end are written as brat opens them, which the official scorer does not.
 */
export async function writeSubmission(
  out: string,
  tasks: Record<string, { folder: string }>,
  { name, text, spans }: Prediction,
  options: { fragments?: boolean } = {},
): Promise<void> {
  if (!isFileName(name))
    throw new InputError(`a document named ${JSON.stringify(name)} cannot be written: the name is a path`);
  for (const { folder, tasks: own } of groupByFolder(tasks)) {
    const all = own.flatMap((task) => spans[task] ?? []);
    const content = formatAnnotations(own.length > 1 ? all.sort(compareSpans) : all, text, options);
    await writeAtomically(join(out, folder, `${name}.ann`), content);
  }
}

/**
 * The spans that `writeSubmission` has written of one document, as they were, by task; undefined where a file is not
 * there, or not whole.
 */
export async function readSubmission(
  out: string,
  tasks: Record<string, { folder: string; labels: readonly string[] }>,
  { name, text }: Pick<Prediction, 'name' | 'text'>,
): Promise<Prediction['spans'] | undefined> {
  const spans: Prediction['spans'] = {};
  for (const { folder, tasks: own } of groupByFolder(tasks)) {
    const file = join(out, folder, `${name}.ann`);
    if (!existsSync(file)) return undefined;
    try {
      const read = parseAnnotations(await readText(file), file, text).spans;
      for (const task of own) spans[task] = read.filter(({ label }) => tasks[task]!.labels.includes(label));
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }
  return spans;
}

/** Names of the documents for which everything is written, and of those for which something is. */
export async function writtenDocuments(
  out: string,
  tasks: Record<string, { folder: string }>,
): Promise<{ whole: Set<string>; some: Set<string> }> {
  const lists = Object.values(tasks).map(async ({ folder }) => {
    const path = join(out, folder);
    return new Set(existsSync(path) ? await listNames(path, '.ann') : []);
  });
  const all = await Promise.all(lists);
  const some = new Set(all.flatMap((names) => [...names]));
  return { whole: new Set([...some].filter((name) => all.every((names) => names.has(name)))), some };
}

/** A table of codes that grows document by document. */
export interface NormTable {
  add(rows: readonly CodedRow[]): Promise<void>;
  /** Puts the table under its name, with rows that were kept among the others in order of the documents' names. */
  finish(): Promise<void>;
  /** Without `finish`: what was written stays, hidden, to go on with. */
  close(): Promise<void>;
}

/**
 * Makes a table `<out>/norm.tsv`, or of another name: begun with the first rows, and under its name when it is
 * finished, whole. With `resume` it goes on with the one of an earlier run, of whose rows it keeps those of
 * documents that were `written`.
 * @throws InputError where documents were written, and no table of them is there
 */
export function normTable(
  out: string,
  { name = 'norm.tsv', written }: { name?: string; written?: ReadonlySet<string> } = {},
): NormTable {
  const file = join(out, name);
  const unfinished = join(out, `.${name}.part`);
  let handle: FileHandle | undefined;
  let resumed = false;
  const begin = async () => {
    const kept = written ? await rowsBefore([unfinished, file], written) : [];
    resumed = kept.length > 0;
    await writeAtomically(unfinished, formatNorm(kept));
    return open(unfinished, 'a');
  };
  const writing = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      throw unwritable(file, error);
    }
  };
  return {
    add: (rows) =>
      writing(async () => {
        handle ??= await begin();
        await handle.write(formatNorm(rows, { header: false }));
      }),
    finish: () =>
      writing(async () => {
        handle ??= await begin();
        await handle.sync();
        await handle.close();
        if (resumed) await writeAtomically(unfinished, formatNorm(sortedRows(await readRows(unfinished))));
        await rename(unfinished, file);
        await syncFile(out);
      }),
    async close() {
      await handle?.close().catch(() => {}); // closed already where it was finished
    },
  };
}

async function rowsBefore(files: string[], written: ReadonlySet<string>): Promise<CodedRow[]> {
  const last = files.find((file) => existsSync(file));
  if (last) return (await readRows(last, { cut: true })).filter(({ filename }) => written.has(filename));
  if (written.size === 0) return [];
  throw new InputError(
    `${files.at(-1)!} is missing, though there are documents with predictions: predict them again, into another folder`,
  );
}
