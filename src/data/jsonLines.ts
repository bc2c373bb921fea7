import { readText } from '../files/text.js';
import { parseStored, type StoredFormat } from '../formats/stored.js';
import type { TableKind } from './growingTable.js';

/** A table of JSON, a row in a line. */
export function linesOf<Row>(format: StoredFormat<Row>, documentOf: (row: Row) => string): TableKind<Row> {
  return {
    format: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    async read(file, { cut }) {
      const lines = (await readText(file)).split('\n');
      const last = lines.pop()!; // '' where the file is whole
      if (!cut && last !== '') lines.push(last);
      return lines.map((line, i) => parseStored(line, `${file}:${i + 1}`, format));
    },
    documentOf,
  };
}
