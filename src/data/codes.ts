import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { codePoints, type CodePoints } from './codepoints.js';
import { compareStrings, type CodedSpan, type Document } from './document.js';
import { report, type Fault } from './fault.js';
import { listNames } from '../files/text.js';
import { lookalikeHint, lookalikes } from './names.js';
import type { NormRow } from './norm.js';
import { evenSpaces } from './whiteSpace.js';

/** The only .tsv file of a corpus folder, or null; several are reported and none is taken. A corpus that is one file has none. */
export async function findNormTable(corpus: string, faults: Fault[]): Promise<string | null> {
  if ((await stat(corpus)).isFile()) return null;
  const tables = await listNames(corpus, '.tsv');
  if (tables.length > 1) {
    const message = `${tables.length} .tsv files (${tables.join(', ')}); no codes are read unless data.norm names one.`;
    faults.push({ file: corpus, kind: 'norm', severity: 'warning', message });
  }
  if (tables.length === 0) {
    const misnamed = (await readdir(corpus)).filter((name) => /\.tsv$/i.test(name) && !name.startsWith('.'));
    const message = `${misnamed.join(', ')} is not read as a table of codes: rename it, so that it ends in .tsv.`;
    if (misnamed.length > 0) faults.push({ file: corpus, kind: 'unread', severity: 'warning', message });
  }
  return tables.length === 1 ? path.join(corpus, `${tables[0]}.tsv`) : null;
}

/**
 * Adds the rows of a NORM table to the documents they name, sorted by start and end; equal rows once.
 * Faults: a document that the corpus lacks, a span that cannot be read or does not fit the text, a text
 * that is not the document's, an empty code.
 */
export function joinCodes(
  documents: readonly Document[],
  rows: readonly NormRow[],
  file: string,
  faults: Fault[],
  tolerant: boolean,
): void {
  const byName = new Map(
    documents.map((document) => [
      document.name,
      { document, points: codePoints(document.text), known: new Set(document.codes.map(keyOf)) },
    ]),
  );
  const namedLike = lookalikes(byName.keys());
  for (const row of rows) {
    const entry = byName.get(row.filename);
    const problem = entry
      ? misfit(row, entry.points)
      : `no document ${row.filename} in the corpus.${lookalikeHint(namedLike(row.filename), 'One')}`;
    if (!entry || problem !== undefined) {
      const fault: Fault = { file, line: row.line, kind: 'norm', severity: 'error', message: problem! };
      report(faults, fault, tolerant);
      continue;
    }
    const { start, end } = row.span!;
    const coded: CodedSpan = { start, end, text: entry.points.slice(start, end), code: row.code.trim() };
    if (entry.known.has(keyOf(coded))) continue;
    entry.known.add(keyOf(coded));
    entry.document.codes.push(coded);
  }
  for (const { codes } of documents) codes.sort(compareCodes);
}

function misfit({ span, rawSpan, text, filename, code }: NormRow, points: CodePoints) {
  if (span === null) return `the span ${JSON.stringify(rawSpan)} is not two whole numbers, start and end.`;
  const { start, end } = span;
  if (start >= end) return `the span ${start} ${end} ends where it starts or before; the end is exclusive.`;
  if (end > points.length)
    return `the span ${start} ${end} points past the ${points.length} characters of ${filename}.`;
  const slice = points.slice(start, end);
  if (evenSpaces(slice).trim() !== evenSpaces(text).trim())
    return `${start} ${end} is ${JSON.stringify(slice)} in ${filename}, but the row says ${JSON.stringify(text)}.`;
  return code.trim() === '' ? 'the row has no code.' : undefined;
}

const keyOf = ({ start, end, code }: CodedSpan) => `${start} ${end} ${code}`;

function compareCodes(a: CodedSpan, b: CodedSpan): number {
  return a.start - b.start || a.end - b.end || compareStrings(a.code, b.code);
}
