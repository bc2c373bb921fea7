import { InputError } from '../errors.js';
import type { Fault } from './fault.js';
import { readText } from '../files/text.js';
import { formatTable, parseTable } from './tsv.js';

/** A row of the NORM table, fields as they stand. `span` is null where `rawSpan` is not two whole numbers. */
export interface NormRow {
  filename: string;
  text: string;
  rawSpan: string;
  span: { start: number; end: number } | null;
  code: string;
  line: number;
}

/** A valid code; a code with several labels has several rows. */
export interface CodeRow {
  code: string;
  label: string;
  alternatives: string[];
}

const normColumns = ['filename', 'text', 'span', 'code'] as const;
const codeColumns = ['code', 'label', 'alternative_label'] as const;

/**
 * Reads a NORM table: tab-separated, quoted where need be, with the header `filename text span code`.
 * @throws InputError for a table that cannot be read; for a row with missing or extra fields unless `tolerant`
 */
export function parseNorm(
  content: string,
  file: string,
  options: { tolerant?: boolean } = {},
): { rows: NormRow[]; faults: Fault[] } {
  const { records, faults } = parseTable(content, file, normColumns, options);
  const rows = records.map(({ fields, line }) => ({
    filename: fields.filename,
    text: fields.text,
    rawSpan: fields.span,
    span: parseSpan(fields.span),
    code: fields.code,
    line,
  }));
  return { rows, faults };
}

/** What a row of the NORM table says. */
export type CodedRow = Pick<NormRow, 'filename' | 'text' | 'code'> & { span: { start: number; end: number } };

/** Writes a NORM table, in the order given; without its header: more rows of one. */
export function formatNorm(rows: readonly CodedRow[], { header = true } = {}): string {
  const fields = rows.map(({ filename, text, span, code }) => [
    filename,
    text,
    `${span.start} ${span.end}`,
    code,
  ]);
  return formatTable(header ? [normColumns, ...fields] : fields);
}

/** Reads the table of valid codes (`code label alternative_label`); alternatives are separated by `|`. */
export async function readCodes(file: string): Promise<CodeRow[]> {
  const { records } = parseTable(await readText(file), file, codeColumns);
  const empty = records.find(({ fields }) => fields.code.trim() === '');
  if (empty)
    throw new InputError(`${file}:${empty.line}: the row has no code; fill it in or delete the row.`);
  const nameless = records.find(({ fields }) => fields.label.trim() === '');
  if (nameless)
    throw new InputError(
      `${file}:${nameless.line}: the code ${nameless.fields.code.trim()} has no label; fill it in, with its first alternative for one, or delete the row.`,
    );
  const lines = new Map<string, number>();
  for (const { fields, line } of records) {
    const row = `${fields.code.trim()} ${fields.label.trim()}`;
    if (lines.has(row))
      throw new InputError(
        `${file}:${line}: the code ${fields.code.trim()} stands with the same label in line ${lines.get(row)}; delete one of the rows.`,
      );
    lines.set(row, line);
  }
  return records.map(({ fields }) => ({
    code: fields.code.trim(),
    label: fields.label.trim(),
    alternatives: fields.alternative_label
      .split('|')
      .map((alternative) => alternative.trim())
      .filter((alternative) => alternative !== ''),
  }));
}

/** Writes the table of valid codes with its header, in the order given. */
export function formatCodes(rows: readonly CodeRow[]): string {
  const fields = rows.map(({ code, label, alternatives }) => [code, label, alternatives.join('|')]);
  return formatTable([codeColumns, ...fields]);
}

/** Start and end; null where it is not two whole numbers. */
export function parseSpan(written: string): NormRow['span'] {
  const match = /^\s*(\d+)\s+(\d+)\s*$/.exec(written);
  return match ? { start: Number(match[1]), end: Number(match[2]) } : null;
}
