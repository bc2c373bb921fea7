import type { ComparedScores, Comparison, Estimate } from '../compare/comparison.js';
import { costTable, curveTables, notesOf, scoreTables, type TextTable } from './compareTables.js';
import { formatTable } from './table.js';

/** Widest first column that leaves room for the others in 100 columns of a terminal. */
const NAME = 22;
const LINE = 100;

/** All tables and what their columns are, for a terminal of 100 columns. */
export function formatComparison(comparison: Comparison): string {
  const tables = [...scoreTables(comparison), ...curveTables(comparison), costTable(comparison)];
  return [
    ...tables.map(({ header, groups }) =>
      formatTable(
        header,
        groups.flatMap(({ title, rows }) => {
          const [indent, head] =
            title === '' ? ['', []] : ['  ', [[title, ...header.slice(1).map(() => '')]]];
          return [...head, ...rows.map(([name, ...cells]) => [shorten(`${indent}${name}`), ...cells])];
        }),
      ),
    ),
    notesOf(comparison).map(wrap).join('\n'),
  ].join('\n\n');
}

function shorten(text: string): string {
  return text.length > NAME ? `${text.slice(0, NAME - 1)}…` : text;
}

function wrap(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > LINE) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

/** The same as tables in Markdown. */
export function formatMarkdown(comparison: Comparison): string {
  const escape = (text: string) => text.replace(/[\\|*_`]|<(?=[a-z/!])/gi, '\\$&');
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const table = ({ header, groups }: TextTable) =>
    [
      line(header.map(escape)),
      line(header.map(() => '---')),
      ...groups.flatMap(({ title, rows }) => [
        ...(title === '' ? [] : [line([`**${escape(title)}**`, ...header.slice(1).map(() => '')])]),
        ...rows.map((cells) => line(cells.map(escape))),
      ]),
    ].join('\n');
  const tables = [...scoreTables(comparison), ...curveTables(comparison), costTable(comparison)];
  return [...tables.map(table), notesOf(comparison).map(escape).join('\n')].join('\n\n');
}

/** The scores as a LaTeX table with the lines of booktabs. */
export function formatLatex(comparison: Comparison): string {
  const tables = scoreTables(comparison);
  const columns = tables[0]!.header.length;
  const row = (cells: string[]) => `    ${cells.join(' & ')} \\\\`;
  const body = tables.flatMap(({ header, groups }, i) => [
    ...(i > 0 ? ['    \\midrule'] : []),
    row(header.map((cell, column) => `${column === 0 ? '\\textbf' : ''}{${latex(cell)}}`)),
    '    \\midrule',
    ...groups.flatMap(({ title, rows }, group) => [
      ...(group > 0 ? ['    \\addlinespace'] : []),
      row([`\\multicolumn{${columns}}{l}{\\emph{${latex(title)}}}`]),
      ...rows.map(([name, ...cells]) =>
        row([`\\quad ${latex(name!)}`, ...cells.map((cell) => `{${latex(cell)}}`)]),
      ),
    ]),
  ]);
  return [
    '% \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latex(notesOf(comparison).join(' '))}}`,
    `  \\begin{tabular}{${'l'.repeat(columns)}}`,
    '    \\toprule',
    ...body,
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ].join('\n');
}

const special: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '−': '$-$',
  '<': '$<$',
  '>': '$>$',
  '–': '--',
  '…': '\\ldots{}',
};

function latex(text: string): string {
  return text.replace(/[\\~^±−<>–…]|[&%$#_{}]/gu, (character) => special[character] ?? `\\${character}`);
}

/** The scores with all their digits: a line per track, label and variant. */
export function formatCsv({ tracks, variants, published }: Comparison): string {
  const ratios = ['precision', 'recall', 'f1'] as const;
  const header = [
    ...['track', 'label', 'variant', 'published', 'runs', 'spans'],
    ...ratios.flatMap((ratio) => ['', '_deviation', '_low', '_high'].map((part) => `${ratio}${part}`)),
    ...['difference', 'difference_low', 'difference_high', 'p', 'p_holm'],
  ];
  const estimate = ({ mean, deviation, interval }: Estimate) => [mean, deviation, ...interval];
  const scores = ({ spans, difference, ...estimates }: ComparedScores) => [
    spans,
    ...ratios.flatMap((ratio) => estimate(estimates[ratio])),
    ...(difference ? [difference.f1, ...difference.interval, difference.p, difference.adjusted] : []),
  ];
  const rows = tracks.flatMap(({ track, labels }) =>
    [null, ...labels].flatMap((label) => [
      ...variants.map(({ name, runs, tracks: of }) => [
        ...[track, label ?? 'all', name, '', runs.length],
        ...scores(label === null ? of[track]!.all : of[track]!.labels[label]!),
      ]),
      ...published
        .filter(({ task }) => task === track && label === null)
        .map(({ name, split, ...printed }) => [
          ...[track, 'all', name, split, null, null],
          ...ratios.flatMap((ratio) => [printed[ratio], null, null, null]),
        ]),
    ]),
  );
  const lines = rows.map((row) => header.map((_, column) => row[column] ?? ''));
  return [header, ...lines].map((cells) => cells.map(quoted).join(',')).join('\n');
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
