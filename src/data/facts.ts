import { codePoints } from './codepoints.js';
import type { Corpus } from './corpus.js';
import type { Document, Span } from './document.js';
import { groupBy } from './groupBy.js';

/** What is in a corpus; counts are of documents where nothing else is said. */
export interface CorpusFacts {
  documents: number;
  codePoints: number;
  longest: { name: string; codePoints: number } | null;
  emptyTexts: number;
  byteOrderMarks: number;
  combiningMarks: number;
  carriageReturns: number;
  /** With characters beyond U+FFFF, where code points and UTF-16 units differ. */
  astral: number;
  /** .ann files whose lines are not in order of start. */
  unsortedFiles: number;
  /** Names of documents that have the same text. */
  twins: string[][];
  tasks: Record<string, TaskFacts>;
  /** Offsets that some tasks annotate and others do not. */
  unlikeSpans: { document: string; start: number; end: number; tasks: string[] }[];
  norm: NormFacts;
}

export interface TaskFacts {
  spans: number;
  perLabel: Record<string, number>;
  documentsWithoutSpans: number;
  /** Pairs of spans of which one holds the other. */
  nestedPairs: number;
  /** Pairs of spans that overlap, but neither holds the other. */
  crossingPairs: number;
  /** Pairs of spans with the same offsets and different labels. */
  equalPairs: number;
}

export interface NormFacts {
  rows: number;
  codes: number;
  /** Rows whose offsets no task annotates. */
  withoutSpan: number;
}

/** Counts what is in a corpus. */
export function corpusFacts(
  { documents, unsorted }: Pick<Corpus, 'documents' | 'unsorted'>,
  tasks: Record<string, { labels: readonly string[] }>,
): CorpusFacts {
  const lengths = documents.map(({ text }) => codePoints(text).length);
  const longest = lengths.reduce((best, length, index) => (length > (lengths[best] ?? -1) ? index : best), 0);
  const texts = (holds: (text: string) => boolean) => documents.filter(({ text }) => holds(text)).length;
  return {
    documents: documents.length,
    codePoints: lengths.reduce((sum, length) => sum + length, 0),
    longest: documents[longest] ? { name: documents[longest].name, codePoints: lengths[longest]! } : null,
    emptyTexts: texts((text) => text.trim() === ''),
    byteOrderMarks: texts((text) => text.startsWith('\ufeff')),
    combiningMarks: texts((text) => /\p{M}/u.test(text)),
    carriageReturns: texts((text) => text.includes('\r')),
    astral: texts((text) => /[\u{10000}-\u{10ffff}]/u.test(text)),
    unsortedFiles: unsorted.length,
    twins: twinsOf(documents),
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([task, { labels }]) => [task, taskFacts(task, labels, documents)]),
    ),
    unlikeSpans: documents.flatMap((document) => unlikeSpans(document, Object.keys(tasks))),
    norm: normFacts(documents),
  };
}

function twinsOf(documents: readonly Document[]): string[][] {
  const groups = groupBy(documents, ({ text }) => text);
  return [...groups.values()].map((own) => own.map(({ name }) => name)).filter((names) => names.length > 1);
}

function taskFacts(task: string, labels: readonly string[], documents: readonly Document[]): TaskFacts {
  const facts: TaskFacts = {
    spans: 0,
    perLabel: Object.fromEntries(labels.map((label) => [label, 0])),
    documentsWithoutSpans: 0,
    nestedPairs: 0,
    crossingPairs: 0,
    equalPairs: 0,
  };
  for (const document of documents) {
    const spans = document.spans[task] ?? [];
    facts.spans += spans.length;
    if (spans.length === 0) facts.documentsWithoutSpans++;
    for (const { label } of spans) facts.perLabel[label] = (facts.perLabel[label] ?? 0) + 1;
    for (const [first, second] of overlappingPairs(spans)) {
      if (first.start === second.start && first.end === second.end) facts.equalPairs++;
      else if (first.start === second.start || second.end <= first.end) facts.nestedPairs++;
      else facts.crossingPairs++;
    }
  }
  return facts;
}

/** Pairs that share a character; `spans` sorted by start. */
function* overlappingPairs(spans: readonly Span[]): Generator<[Span, Span]> {
  for (const [index, first] of spans.entries())
    for (let next = index + 1; next < spans.length && spans[next]!.start < first.end; next++)
      yield [first, spans[next]!];
}

function unlikeSpans({ name, spans }: Document, tasks: string[]): CorpusFacts['unlikeSpans'] {
  const holders = new Map<string, { start: number; end: number; tasks: Set<string> }>();
  for (const task of tasks)
    for (const { start, end } of spans[task] ?? []) {
      const key = `${start} ${end}`;
      if (!holders.has(key)) holders.set(key, { start, end, tasks: new Set() });
      holders.get(key)!.tasks.add(task);
    }
  return [...holders.values()]
    .filter((holder) => holder.tasks.size < tasks.length)
    .map(({ start, end, tasks: some }) => ({ document: name, start, end, tasks: [...some] }));
}

function normFacts(documents: readonly Document[]): NormFacts {
  const rows = documents.flatMap(({ spans, codes }) => {
    const annotated = new Set(Object.values(spans).flatMap((all) => all.map(offsets)));
    return codes.map((coded) => ({ code: coded.code, annotated: annotated.has(offsets(coded)) }));
  });
  return {
    rows: rows.length,
    codes: new Set(rows.map(({ code }) => code)).size,
    withoutSpan: rows.filter(({ annotated }) => !annotated).length,
  };
}

const offsets = ({ start, end }: { start: number; end: number }) => `${start} ${end}`;
