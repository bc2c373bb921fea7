import { InputError } from '../errors.js';

export interface Table {
  header: string[];
  rows: { line: number; fields: string[] }[];
}

/**
 * Reads a tab-separated table as pandas' read_csv does, which the official scorer uses: the first line is
 * the header whatever it holds, blank lines are skipped, a field may be quoted (doubled quotes inside, and
 * line ends), rows that are too short are filled up with ''.
 * @throws InputError for a file without any line, a quote that never ends, a row longer than the header.
 */
export function parseTable(content: string, file: string): Table {
  const records = parseRecords(content.replace(/^\ufeff/, ''), file);
  const header = records.shift()?.fields;
  if (header === undefined)
    throw new InputError(`${file} is empty; it must begin with a line of column names.`);
  for (const { fields, line } of records) {
    if (fields.length > header.length)
      throw new InputError(
        `${file}, line ${line}: ${fields.length} fields where the header has ${header.length}; separate the columns by one tab each.`,
      );
    while (fields.length < header.length) fields.push('');
  }
  return { header, rows: records };
}

function parseRecords(content: string, file: string): Table['rows'] {
  const records: Table['rows'] = [];
  const blank = / *(\r\n|\r|\n|$)/y;
  const next = /[\t\r\n]|$/g;
  let line = 1;
  let at = 0;
  while (at < content.length) {
    blank.lastIndex = at;
    if (blank.test(content)) {
      at = blank.lastIndex;
      line++;
      continue;
    }
    const fields: string[] = [];
    const record = { line, fields };
    for (let ended = false; !ended;) {
      let field = '';
      if (content[at] === '"') {
        const close = closingQuote(content, at);
        if (close < 0)
          throw new InputError(`${file}, line ${line}: a quote that is never closed; close it or remove it.`);
        field = content.slice(at + 1, close).replaceAll('""', '"');
        line += field.match(/\r\n|\r|\n/g)?.length ?? 0;
        at = close + 1;
      }
      next.lastIndex = at;
      const end = next.exec(content)!.index;
      fields.push(field + content.slice(at, end));
      ended = content[end] !== '\t';
      at = end + (content.startsWith('\r\n', end) ? 2 : 1);
    }
    records.push(record);
    line++;
  }
  return records;
}

/** Index of the quote that ends the quoted field that begins at `open`, or -1. */
function closingQuote(content: string, open: number): number {
  let at = content.indexOf('"', open + 1);
  while (at >= 0 && content[at + 1] === '"') at = content.indexOf('"', at + 2);
  return at;
}
