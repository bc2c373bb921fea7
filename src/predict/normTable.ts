import { formatNorm, parseNorm, type CodedRow, type NormRow } from '../data/norm.js';
import { beforeOpenQuote } from '../data/tsv.js';
import { InputError } from '../errors.js';
import { readText } from '../files/text.js';
import type { TableKind } from '../data/growingTable.js';

/** The table of codes, as the shared task takes it. */
export const normTable: TableKind<CodedRow> = {
  format: (rows, { atBeginning }) => formatNorm(rows, { header: atBeginning }),
  async read(file, { cut }) {
    const text = await readText(file);
    const rows = cut ? parseCut(text, file) : parseNorm(text, file).rows;
    if (!cut && !text.endsWith('\n'))
      throw new InputError(
        `${file}:${rows.at(-1)?.line ?? 1}: the row has no end: the file was cut off; ${ADVICE}`,
      );
    return rows.map(({ filename, text, span, rawSpan, code, line }) => {
      if (span) return { filename, text, span, code };
      throw new InputError(
        `${file}:${line}: the span ${JSON.stringify(rawSpan)} is not two whole numbers; ${ADVICE}`,
      );
    });
  },
  documentOf: ({ filename }) => filename,
};

const ADVICE = 'put the file back, or predict again, into another folder';
/** The end of a row: its span and its code. */
const ROW_END = /\t\d+ \d+\t[^\t\n]*\n/;

/** A cut may leave the last row without its end, or within quotes, which may hold line ends; what else is damaged is an error. */
function parseCut(text: string, file: string): NormRow[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1);
  const rows = beforeOpenQuote(lines);
  const isCut = rows !== '' && !ROW_END.test(lines.slice(rows.length));
  return parseNorm(isCut ? rows : lines, file).rows;
}
