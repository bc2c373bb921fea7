import { z } from 'zod';
import { firstIssue } from '../../files/issue.js';
import { readLines } from '../../files/lines.js';
import { writeOutput } from '../../files/write.js';
import type { Document, Span } from '../document.js';
import { onOneLine } from '../whiteSpace.js';
import { report, type FaultKind } from '../fault.js';
import { checkNames } from '../write.js';
import { filesOf } from './files.js';
import type { Reading } from './format.js';

/** A record of a file with one a line. */
export interface JsonRecord<T> {
  record: T;
  file: string;
  line: number;
  /** What a document is called that the record does not name: the file's name and the line. */
  name: string;
}

export const jsonlEndings = ['.jsonl'] as const;

/** What our files have beside what the tools ask for, which they pass on; offsets in code points. */
const ours = {
  document: z.string().nullish(),
  codes: z.array(z.object({ start: z.int(), end: z.int(), code: z.string().min(1) })).nullish(),
};

/** A record of which these keys are read. */
export const recordOf = <T extends z.ZodRawShape>(shape: T) => z.looseObject({ ...shape, ...ours });

/**
 * The records of a corpus' files, line by line. Faults: a line that is not JSON, or not what `schema` asks for; such
 * lines are left out. `what` says what a record is: "a record of Prodigy".
 */
export async function* readRecords<T>(
  corpus: string,
  schema: z.ZodType<T>,
  what: string,
  { hash, faults, tolerant }: Reading,
): AsyncGenerator<JsonRecord<T>> {
  for (const { path: file, name, stem } of await filesOf(corpus, jsonlEndings)) {
    hash.update(`${name}\0`);
    for await (const { text, number: line } of readLines(file, { seen: (bytes) => hash.update(bytes) })) {
      if (text.trim() === '') continue;
      const fail = (kind: FaultKind, message: string) =>
        report(faults, { file, line, kind, severity: 'error', message }, tolerant);
      const value = parseLine(text);
      if (value instanceof Error) {
        fail('line', `the line is not JSON (${onOneLine(value.message)}); a file of this format has a record on every line.`); // prettier-ignore
        continue;
      }
      const { data, error } = schema.safeParse(value);
      if (error) fail('fields', `this is not ${what}: ${firstIssue(error, 'it')}.`);
      else yield { record: data, file, line, name: `${stem}-${String(line).padStart(5, '0')}` };
    }
  }
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

/** Writes a file with one record a line: those of every document. @throws InputError for names that are no files' */
export async function writeRecords(
  file: string,
  documents: readonly Document[],
  recordsOf: (document: Document) => object[],
): Promise<void> {
  checkNames(documents);
  await writeOutput(file, async (handle) => {
    for (const document of documents)
      await handle.appendFile(
        recordsOf(document)
          .map((record) => `${JSON.stringify(record)}\n`)
          .join(''),
      );
  });
}

/** The spans of all tasks, each once. */
export function spansOfAll({ spans }: Document): Span[] {
  const all = Object.values(spans).flat();
  return [...new Map(all.map((span) => [`${span.start} ${span.end} ${span.label}`, span])).values()];
}

/** The codes as our files have them; nothing where there are none. */
export function codesOf({ codes }: Pick<Document, 'codes'>): { codes?: object[] } {
  return codes.length === 0 ? {} : { codes: codes.map(({ start, end, code }) => ({ start, end, code })) };
}
