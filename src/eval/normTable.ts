import { readText } from '../files/text.js';
import { InputError } from '../errors.js';
import type { NormEntry } from './norm.js';
import { isMissing, isTextColumn } from './python.js';
import { parseTable, type Table } from './tsv.js';

export interface NormTable {
  file: string;
  rows: (NormEntry & { span: string; line: number })[];
  /** The first line looks like data, yet it is taken for the header. */
  headless: boolean;
}

/**
 * Reads a NORM table as the official scorer does: four columns by position, whatever their names.
 * @throws InputError for a file that cannot be read, other than four columns, a row that is too long.
 */
export async function readNormTable(file: string): Promise<NormTable> {
  const { header, rows } = parseTable(await readText(file), file);
  if (header.length !== 4 && rows.length > 0)
    throw new InputError(
      `${file}: ${header.length} columns instead of four; it needs filename, text, span and code, separated by tabs.`,
    );
  return {
    file,
    rows: rows.map(({ line, fields }) => {
      const [filename, text, span, code] = fields as [string, string, string, string];
      return { filename, text, span, code, line };
    }),
    headless: /^\d+ \d+$/.test(header[2] ?? ''),
  };
}

/**
 * Checks what the official scorer fails at, which reads columns of nothing but numbers as numbers.
 * @throws InputError for a table without rows; in the predictions, a file name, span or code that is
 * missing; a column of numbers.
 */
export function checkNormTables(gold: NormTable, predictions: NormTable): void {
  for (const { file, rows } of [predictions, gold])
    if (rows.length === 0) throw new InputError(`${file} has no rows; there is nothing to score.`);
  for (const column of ['span', 'code', 'filename'] as const) {
    const empty = predictions.rows.find((row) => isMissing(row[column]));
    if (empty)
      throw new InputError(
        `${predictions.file}, line ${empty.line}: the ${column} is empty or reads as "not available", at which the official scorer fails; complete the row or leave it out.`,
      );
    for (const table of [predictions, gold]) checkText(table, column);
  }
}

/** @throws InputError for a column that pandas does not read as text. */
function checkText({ file, rows }: NormTable, column: 'filename' | 'span' | 'code'): void {
  const fields = rows.map((row) => row[column]).filter((field) => !isMissing(field));
  if (!isTextColumn(fields))
    throw new InputError(
      `${file}: every ${column} is ${fields.length === 0 ? 'missing' : 'a number'}, so the official scorer takes the column for numbers and fails; score these rows together with others.`,
    );
}

/**
 * The valid codes: the column `code` of a table.
 * @throws InputError for a table without that column, or one in which every code is a number: the official
 * scorer reads numbers then, and none of them equals a predicted code.
 */
export async function readValidCodes(file: string): Promise<Set<string>> {
  const { header, rows }: Table = parseTable(await readText(file), file);
  const column = header.indexOf('code');
  if (column < 0)
    throw new InputError(
      `${file} has no column "code"; it needs the columns code, label, alternative_label.`,
    );
  const codes = rows.map(({ fields }) => fields[column]!).filter((code) => !isMissing(code));
  if (!isTextColumn(codes))
    throw new InputError(
      `${file}: every code is a number or missing, so that the official scorer finds no prediction valid; give it the task's whole table.`,
    );
  return new Set(codes);
}
