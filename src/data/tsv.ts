import { CsvError, parse } from 'csv-parse/sync';
import { InputError } from '../errors.js';
import { report, type Fault } from './fault.js';

export interface TableRecord<Column extends string> {
  fields: Record<Column, string>;
  /** The line on which the record ends; one-based. */
  line: number;
}

/**
 * Reads a tab-separated table with a header: quotes around a field may hold tabs, line breaks and doubled
 * quotes; a byte order mark and empty lines are skipped; other columns are ignored.
 * @throws InputError for a missing column or an unclosed quote; for a row with missing or extra fields,
 * unless `tolerant`: then the row is skipped and listed among the faults.
 */
export function parseTable<Column extends string>(
  content: string,
  file: string,
  columns: readonly Column[],
  { tolerant = false }: { tolerant?: boolean } = {},
): { records: TableRecord<Column>[]; faults: Fault[] } {
  const [header, ...rows] = parseRows(content, file);
  const missing = columns.filter((column) => !header?.fields.includes(column));
  if (!header || missing.length > 0)
    throw new InputError(
      `${file}:1: the header has no column ${missing.map((name) => `\`${name}\``).join(', ')}; ` +
        `the table needs ${columns.map((name) => `\`${name}\``).join(', ')}, separated by tabs.`,
    );
  const faults: Fault[] = [];
  const records: TableRecord<Column>[] = [];
  for (const { fields, line } of rows) {
    if (fields.length !== header.fields.length) {
      const message = `the row has ${fields.length} fields where the header has ${header.fields.length}; put one tab between two fields, and quotes around one that holds a tab.`;
      report(faults, { file, line, kind: 'fields', severity: 'error', message }, tolerant);
      continue;
    }
    const values = columns.map((column) => [column, fields[header.fields.indexOf(column)]!]);
    records.push({ fields: Object.fromEntries(values), line });
  }
  return { records, faults };
}

/** A table up to the row with a quote that is never closed; all of it where every quote is. */
export function beforeOpenQuote(content: string): string {
  let whole = 0;
  try {
    parse(content, {
      ...FORMAT,
      on_record(_: string[], { bytes }) {
        whole = bytes;
        return null;
      },
    });
  } catch (error) {
    if (isOpenQuote(error)) return Buffer.from(content).subarray(0, whole).toString();
  }
  return content;
}

/** Writes rows of a table; a field is quoted where it holds a tab, a quote or a line break. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const field = (text: string) => (/["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(field).join('\t')}\n`).join('');
}

interface Row {
  fields: string[];
  line: number;
}

function parseRows(content: string, file: string): Row[] {
  const rows: Row[] = [];
  try {
    parse(content, {
      ...FORMAT,
      on_record(fields: string[], { lines }) {
        rows.push({ fields, line: lines });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = (rows.at(-1)?.line ?? 0) + 1;
    const message = isOpenQuote(error)
      ? 'a quotation mark opens here and is never closed; a quote inside a quoted field is doubled.'
      : `${error.message}.`;
    throw new InputError(`${file}:${line}: ${message}`, { cause: error });
  }
  return rows;
}

const FORMAT = {
  bom: true,
  delimiter: '\t',
  record_delimiter: ['\r\n', '\n'],
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
};

function isOpenQuote(error: unknown): boolean {
  return error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED';
}
