import { formatNorm, parseNorm, type CodedRow } from '../data/norm.js';
import { readText } from '../files/text.js';
import type { TableKind } from '../data/growingTable.js';

/** The table of codes, as the shared task takes it. */
export const normTable: TableKind<CodedRow> = {
  format: (rows, { atBeginning }) => formatNorm(rows, { header: atBeginning }),
  async read(file, { cut }) {
    const text = await readText(file);
    const { rows } = cut ? parseCut(text, file) : parseNorm(text, file, { tolerant: true });
    return rows.flatMap(({ filename, text, span, code }) => (span ? [{ filename, text, span, code }] : []));
  },
  documentOf: ({ filename }) => filename,
};

/** A cut may leave a row without its end, or within quotes, which may hold line ends. */
function parseCut(text: string, file: string): ReturnType<typeof parseNorm> {
  for (let end = text.lastIndexOf('\n') + 1; ; end = text.lastIndexOf('\n', end - 2) + 1) {
    try {
      return parseNorm(text.slice(0, end), file, { tolerant: true });
    } catch (error) {
      if (end === 0) throw error;
    }
  }
}
