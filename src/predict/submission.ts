import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatAnnotations, parseAnnotations } from '../data/brat.js';
import { compareSpans, type Span } from '../data/document.js';
import { groupByFolder } from '../data/folders.js';
import { isFileName } from '../files/inside.js';
import { listNames, readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { InputError } from '../errors.js';
import type { Prediction } from './predictor.js';

/**
 * Writes what was found in one document as the shared task takes it: `<out>/<task's folder>/<name>.ann`, an
 * empty file where there are no spans; tasks that share a folder share the file. With `fragments`, spans over a
 * line end are written as brat opens them, which the official scorer does not.
 */
export async function writeSubmission(
  out: string,
  tasks: Record<string, { folder: string }>,
  { name, text, spans }: Pick<Prediction, 'name' | 'text'> & { spans: Record<string, Span[]> },
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
): Promise<Record<string, Span[]> | undefined> {
  const spans: Record<string, Span[]> = {};
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
