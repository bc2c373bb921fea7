import path from 'node:path';
import { InputError } from '../errors.js';
import { formatAnnotations } from './brat.js';
import { compareSpans, type Document } from './document.js';
import { mapBounded } from '../files/bounded.js';
import { hasControls } from '../files/visible.js';
import { writeAtomically } from '../files/write.js';
import { groupByFolder, type Tasks } from './folders.js';
import { formatNorm } from './norm.js';

/**
 * Writes documents as a brat corpus: `<task folder>/<name>.txt` and `.ann` for every task, and `norm.tsv`
 * where a document has codes. Every file is written whole or not at all; other files are left alone.
 * @throws InputError for a name or task folder that would lead outside `folder`, before anything is written.
 */
export async function writeCorpus(
  folder: string,
  documents: readonly Document[],
  tasks: Tasks,
): Promise<void> {
  checkNames(documents);
  const groups = groupByFolder(tasks);
  for (const group of groups) checkInside(folder, group.folder);
  const files = groups.flatMap((group) => documents.map((document) => ({ group, document })));
  await mapBounded(files, 16, async ({ group, document }) => {
    const file = path.join(folder, group.folder, document.name);
    const spans = group.tasks.flatMap((task) => document.spans[task] ?? []).sort(compareSpans);
    await writeAtomically(`${file}.txt`, document.text);
    await writeAtomically(`${file}.ann`, formatAnnotations(spans, document.text));
  });
  await writeNorm(folder, documents);
}

/** Writes `norm.tsv`, where a document has codes. */
export async function writeNorm(folder: string, documents: readonly Document[]): Promise<void> {
  const rows = documents.flatMap(({ name, codes }) =>
    codes.map(({ start, end, text, code }) => ({ filename: name, text, span: { start, end }, code })),
  );
  if (rows.length > 0) await writeAtomically(path.join(folder, 'norm.tsv'), formatNorm(rows));
}

/**
 * Checks that every name can be a file of its own in one folder.
 * @throws InputError for a name with a path separator, a hidden or empty one, and one that occurs twice.
 */
export function checkNames(documents: readonly Pick<Document, 'name'>[]): void {
  const seen = new Set<string>();
  for (const { name } of documents) {
    if (!canBeFile(name))
      throw new InputError(`The document name ${JSON.stringify(name)} cannot be a file name; rename it.`);
    if (seen.has(name)) throw new InputError(`Two documents have the name ${name}; rename one.`);
    seen.add(name);
  }
}

/**
 * Whether a file can have a document's name: no path, not hidden, not too long for `<name>.ann`, nothing that steers a
 * terminal, no half of a character.
 */
export function canBeFile(name: string): boolean {
  if (name === '' || name.startsWith('.') || /[/\\]/.test(name) || hasControls(name)) return false;
  return !/\p{Surrogate}/u.test(name) && Buffer.byteLength(`${name}.ann`) <= LONGEST;
}

/** Bytes that the name of a file may have. */
const LONGEST = 255;

function checkInside(folder: string, taskFolder: string): void {
  const relative = path.relative(folder, path.resolve(folder, taskFolder));
  if (relative.split(path.sep)[0] === '..' || path.isAbsolute(relative))
    throw new InputError(`The task folder ${taskFolder} leads outside ${folder}; nothing was written.`);
}
