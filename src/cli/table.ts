import Table from 'cli-table3';
import { visibleLine } from '../files/visible.js';
import { coloursOf } from './colours.js';

/** Rows as a plain table: columns two spaces apart, columns of numbers aligned to the right. */
export function formatTable(header: string[], rows: (string | number)[][]): string {
  const colAligns = header.map((_, column) =>
    rows.length > 0 && rows.every((row) => isNumeric(row[column])) ? ('right' as const) : ('left' as const),
  );
  const { bold } = coloursOf(process.stdout);
  const table = new Table({
    head: header.map((cell) => bold(visibleLine(cell))),
    colAligns,
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push(row.map((cell) => visibleLine(String(cell))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Numbers as they are printed: 12, 1,234, .705, 71.4 %, +3, and the dash that stands for none. */
function isNumeric(cell: string | number | undefined): boolean {
  if (cell === undefined || cell === '') return true;
  return typeof cell === 'number' || /^[-+−]?[\d.,]*\d\s?%?$|^[-–—]$/.test(cell);
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  mid: '',
  'left-mid': '',
  'mid-mid': '',
  'right-mid': '',
  left: '',
  right: '',
  middle: '  ',
};
