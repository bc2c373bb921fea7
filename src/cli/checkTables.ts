import type { Ceiling } from '../eval/ceiling.js';
import type { CorpusCheck } from '../eval/check.js';
import { formatFault } from '../data/fault.js';
import type { CorpusFacts } from '../data/facts.js';
import { formatTable } from './table.js';

/** A corpus check for people: tables of the facts, what encodings allow, then every fault with its place. */
export function formatCheck(check: CorpusCheck): string {
  const { facts, ceilings, pieces } = check;
  return [
    formatTable([check.folder, ''], [...textRows(facts), ...pieceRows(pieces), ...normRows(facts)]),
    formatTable(['task', 'label', 'spans'], labelRows(facts)),
    formatTable(['task', ...spanColumns.map(([title]) => title)], spanRows(facts)),
    formatTable(
      [`best F1 that an encoding allows${pieces ? ' with this tokenizer' : ''}`, ...Object.keys(facts.tasks)],
      ceilings.map(ceilingRow),
    ),
    faultLines(check),
  ].join('\n\n');
}

type Row = (string | number)[];

function textRows(facts: CorpusFacts): Row[] {
  const { longest, twins, unlikeSpans } = facts;
  return [
    ['documents', count(facts.documents)],
    ['code points', count(facts.codePoints)],
    ...(longest ? [[`longest document (${longest.name})`, count(longest.codePoints)]] : []),
    ['documents without text', count(facts.emptyTexts)],
    ['with a byte order mark', count(facts.byteOrderMarks)],
    ['with combining marks', count(facts.combiningMarks)],
    ['with carriage returns', count(facts.carriageReturns)],
    ['with characters beyond U+FFFF', count(facts.astral)],
    [`with the text of another${few(twins.map((names) => names.join(' = ')))}`, count(twins.flat().length)],
    ['.ann files not in order', count(facts.unsortedFiles)],
    [
      `spans that not all tasks have${few(unlikeSpans.map((span) => `${span.document} ${span.start} ${span.end}`))}`,
      count(unlikeSpans.length),
    ],
  ];
}

function pieceRows(pieces: CorpusCheck['pieces']): Row[] {
  if (pieces === null) return [];
  return [
    [`tokenizer (${pieces.vocabulary})`, ''],
    ['words', count(pieces.words)],
    ['pieces', count(pieces.pieces)],
    ['pieces per word', pieces.piecesPerWord.toFixed(2)],
    ['pieces over several words', count(pieces.acrossWords)],
    ['unknown pieces', count(pieces.unknown)],
    ['pieces of the longest document', count(pieces.longest)],
  ];
}

function normRows({ norm }: CorpusFacts): Row[] {
  return [
    ['NORM rows', count(norm.rows)],
    ['NORM codes', count(norm.codes)],
    ['NORM rows without a span', count(norm.withoutSpan)],
  ];
}

function labelRows({ tasks }: CorpusFacts): Row[] {
  return Object.entries(tasks).flatMap(([task, { perLabel }]) =>
    Object.entries(perLabel).map(([label, spans]) => [task, label, count(spans)]),
  );
}

const spanColumns = [
  ['spans', 'spans'],
  ['nested pairs', 'nestedPairs'],
  ['crossing pairs', 'crossingPairs'],
  ['same offsets', 'equalPairs'],
  ['documents without', 'documentsWithoutSpans'],
] as const;

function spanRows({ tasks }: CorpusFacts): Row[] {
  return Object.entries(tasks).map(([task, facts]) => [
    task,
    ...spanColumns.map(([, key]) => count(facts[key])),
  ]);
}

function ceilingRow({ scheme, outputs, scores }: Ceiling): Row {
  return [`${scheme}, outputs ${outputs}`, ...Object.values(scores).map(({ f1 }) => share(f1))];
}

function faultLines({ faults, errors }: CorpusCheck): string {
  if (faults.length === 0) return 'No faults.';
  const lines = faults.slice(0, MOST_FAULTS).map((fault) => `${fault.severity}: ${formatFault(fault)}`);
  if (faults.length > MOST_FAULTS)
    lines.push(`and ${count(faults.length - MOST_FAULTS)} more; --json has all`);
  const total = `${counted(errors, 'error')}, ${counted(faults.length - errors, 'warning')}.`;
  return [...lines, '', total].join('\n');
}

/** More than anybody mends by hand. */
const MOST_FAULTS = 10_000;

/** " (a, b, …)", or nothing for none. */
function few(names: string[]): string {
  if (names.length === 0) return '';
  return ` (${names.slice(0, 2).join(', ')}${names.length > 2 ? ', …' : ''})`;
}

const counted = (n: number, noun: string) => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
const count = (n: number) => n.toLocaleString('en');
const share = (value: number) => value.toFixed(3).replace(/^0/, '');
