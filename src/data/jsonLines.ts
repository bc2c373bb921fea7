import { readLines } from '../files/lines.js';
import { parseStored, type StoredFormat } from '../formats/stored.js';
import type { TableKind } from './growingTable.js';

/** A table of JSON, a row in a line. */
export function linesOf<Row>(format: StoredFormat<Row>, documentOf: (row: Row) => string): TableKind<Row> {
  return {
    format: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    async read(file, { cut }) {
      const rows: Row[] = [];
      for await (const { text, number, ended } of readLines(file))
        if (ended || !cut) rows.push(parseStored(text, `${file}:${number}`, format));
      return rows;
    },
    documentOf,
  };
}
