import { h } from './dom.js';

export type Cell = string | number | Node | null;

export interface TableParts {
  /** What it shows; it stands above it. */
  caption: string;
  header: string[];
  /** The first cell of each names the row. */
  rows: Cell[][];
  /** Rows that begin a group. */
  isGroup?: (row: number) => boolean;
}

/** A table that scrolls by itself where it is wider than the page. Columns of numbers stand to the right. */
export function table({ caption, header, rows, isGroup = () => false }: TableParts): HTMLElement {
  const numeric = header.map((_, column) => column > 0 && rows.every((row) => isNumeric(row[column])));
  const side = (column: number) => (numeric[column] ? 'number' : undefined);
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          header.map((title, i) => h('th', { scope: 'col', class: side(i) }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(([name, ...cells], row) =>
          h(
            'tr',
            { class: isGroup(row) ? 'group' : undefined },
            h('th', { scope: 'row' }, name),
            cells.map((cell, i) => h('td', { class: side(i + 1) }, cell)),
          ),
        ),
      ),
    ),
  );
}

/** Numbers as they are printed: 12, 1,234, .705, .705 .688–.722, +.012, and the dash that stands for none. */
function isNumeric(cell: Cell | undefined): boolean {
  const text = cell instanceof Node ? cell.textContent : String(cell ?? '');
  return /^(|–|exact|(< )?[−+]?[\d.,–]+ ?%?( (± )?[\d.,–]+)?( to [−+]?[\d.]+)?|\d+ (s|min)|\d+ h \d+ min)$/.test(
    text ?? '',
  );
}
