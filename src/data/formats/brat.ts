import path from 'node:path';
import { mapBounded } from '../../files/bounded.js';
import { decodeText, encodingProblem } from '../../files/text.js';
import { parseAnnotations } from '../brat.js';
import { codePoints } from '../codepoints.js';
import type { Document, Span } from '../document.js';
import { report } from '../fault.js';
import { listFolders, readSource, type Source, type TaskFolder } from '../folders.js';
import { lookalikeHint, lookalikes } from '../names.js';
import { writeCorpus } from '../write.js';
import { count, IN_PARTS, UNKNOWN_LABELS, type CorpusFormat, type Reading } from './format.js';
import { hashFile } from './hash.js';

/** brat standoff: per task a folder of .txt and .ann files, with the same texts in every one. */
export const brat: CorpusFormat = {
  description: 'a .txt and an .ann file a document, in a folder for each task, and norm.tsv with codes',
  offsets: 'code points',
  endings: ['.ann'],
  output: 'folder',
  read,
  write: writeCorpus,
  lost: () => ({}),
};

async function* read(corpus: string, { tasks, ...rest }: Reading): AsyncGenerator<Document> {
  const reading: BratReading = { tasks, ...rest, unknown: new Map() };
  const { folders, names } = await listFolders(corpus, tasks, reading.faults, reading.tolerant);
  const sources = await mapBounded(names, 16, (name) =>
    Promise.all(folders.map((taskFolder) => readSource(taskFolder, name))),
  );
  for (const [index, name] of names.entries()) {
    folders.forEach((taskFolder, which) =>
      hashSource(reading.hash, taskFolder, name, sources[index]![which]!),
    );
    const document = makeDocument(name, folders, sources[index]!, reading);
    if (document) yield document;
  }
  reportUnknownLabels(reading);
}

interface BratReading extends Reading {
  /** Number of spans by folder and label, where the label is of no task. */
  unknown: Map<string, { taskFolder: TaskFolder; label: string; count: number }>;
}

/** A document from its files in all task folders; undefined where no text could be read. */
function makeDocument(
  name: string,
  folders: TaskFolder[],
  sources: Source[],
  reading: BratReading,
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
    for (const [what, lines] of Object.entries(annotations.passedOver))
      count(reading.passedOver, what, lines);
    count(
      reading.passedOver,
      IN_PARTS,
      annotations.faults.filter(({ kind }) => kind === 'discontinuous').length,
    );
    countUnknown(taskFolder, annotations.spans, reading);
    if (same)
      for (const task of taskFolder.tasks)
        spans[task] = annotations.spans.filter(({ label }) => reading.tasks[task]!.labels.includes(label));
  });
  return { name, text, spans, codes: [] };
}

function decode(
  bytes: Buffer | undefined,
  file: string,
  { faults, tolerant }: BratReading,
): string | undefined {
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
  { faults, tolerant }: BratReading,
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

function countUnknown(taskFolder: TaskFolder, spans: Span[], { tasks, unknown }: BratReading): void {
  for (const { label } of spans) {
    if (taskFolder.tasks.some((task) => tasks[task]!.labels.includes(label))) continue;
    const key = `${taskFolder.folder}\t${label}`;
    unknown.set(key, { taskFolder, label, count: (unknown.get(key)?.count ?? 0) + 1 });
  }
}

function reportUnknownLabels({ tasks, unknown, faults, passedOver }: BratReading): void {
  for (const { taskFolder, label, count: number } of unknown.values()) {
    count(passedOver, UNKNOWN_LABELS, number);
    const spans = number === 1 ? '1 span has' : `${number} spans have`;
    const listed = taskFolder.tasks.flatMap((task) => tasks[task]!.labels);
    const hint = lookalikeHint(lookalikes(listed)(label), 'One that is listed');
    const message = `${spans} the label ${label}, which ${listedBy(taskFolder.tasks)} not list; ignored.${hint}`;
    faults.push({ file: taskFolder.path, kind: 'label', severity: 'warning', message });
  }
}

const listedBy = (tasks: string[]) =>
  tasks.length === 1 ? `task ${tasks[0]} does` : `tasks ${tasks.join(', ')} do`;

function hashSource(hash: Reading['hash'], { folder }: TaskFolder, name: string, source: Source): void {
  hashFile(hash, `${folder}/${name}.txt`, source.text);
  hashFile(hash, `${folder}/${name}.ann`, source.annotations);
}
