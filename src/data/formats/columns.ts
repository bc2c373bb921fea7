import { quoted } from './quoted.js';
import { isOutside, isTag } from './tags.js';

/** A line of a token: the token, then whatever columns there are. */
export interface Row {
  cells: string[];
  line: number;
}

/**
 * Which columns of a document hold tags of spans: those in which every cell is O or a label with a prefix (B-, I-, …), and
 * the last one too where it has labels without prefixes among its O. A problem where there is none.
 */
export function tagColumns(rows: readonly Row[]): number[] | { line: number; message: string } {
  const width = rows[0]?.cells.length ?? 0;
  const ragged = rows.find(({ cells }) => cells.length !== width);
  if (ragged)
    return {
      line: ragged.line,
      message: `columns: ${ragged.cells.length}, and ${width} in line ${rows[0]!.line}; every token has as many.`,
    };
  if (width === 0) return [];
  if (width === 1)
    return { line: rows[0]!.line, message: 'one column only; the tags stand behind the token, after a tab or a blank.' }; // prettier-ignore
  const last = width - 1;
  const behind = Array.from({ length: last }, (_, i) => i + 1);
  const tagged = behind.filter((column) => rows.every(({ cells }) => isTag(cells[column]!)));
  if (tagged.includes(last) || isPlain(rows, last)) return [...new Set([...tagged, last])];
  const wrong = rows.find(({ cells }) => !isTag(cells[last]!))!;
  return {
    line: wrong.line,
    message: `the tag ${quoted(wrong.cells[last]!)} is neither O nor a label with B-, I-, E-, S-, L- or U- before it.`,
  };
}

/** Whether a column has labels as they are, and O: IO without prefixes. */
function isPlain(rows: readonly Row[], column: number): boolean {
  const tags = new Set(rows.map(({ cells }) => cells[column]!));
  return (
    [...tags].some(isOutside) && ![...tags].some((tag) => !isOutside(tag) && isTag(tag)) && !tags.has('')
  );
}
