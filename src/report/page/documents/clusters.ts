import type { Outcome, Pair } from '../../../eval/pairs.js';

/** A span above the text. Offsets are UTF-16 units. */
export interface Mark {
  start: number;
  end: number;
  label: string;
  /** Whether the gold has it, the predictions, or both. */
  side: 'gold' | 'predicted' | 'both';
  outcome: Outcome;
  /** Of a prediction, where it is known. */
  score?: number;
  /** Which pair of the document it belongs to. */
  pair: number;
}

/** A stretch of text: plain, or words with marks above them. */
export interface Stretch {
  start: number;
  end: number;
  marks: PlacedMark[];
  /** Where marks begin and end in it, its own ends included: the columns between them. */
  cuts: number[];
  rows: number;
}

/** A mark in its row, counted from the top, over some columns (the last exclusive). */
export interface PlacedMark extends Mark {
  row: number;
  columns: [first: number, end: number];
}

/** The marks of a document's pairs. */
export function marksOf(pairs: readonly Pair[], toUtf16: (codePoint: number) => number): Mark[] {
  return pairs.flatMap(({ outcome, gold, predicted }, pair): Mark[] => {
    const mark = ({ start, end, label }: NonNullable<Pair['gold']>, side: Mark['side']): Mark => {
      return { start: toUtf16(start), end: toUtf16(end), label, side, outcome, pair };
    };
    const scored = predicted?.score === undefined ? {} : { score: predicted.score };
    if (outcome === 'correct') return [{ ...mark(gold!, 'both'), ...scored }];
    return [
      ...(gold ? [mark(gold, 'gold')] : []),
      ...(predicted ? [{ ...mark(predicted, 'predicted'), ...scored }] : []),
    ];
  });
}

/**
 * Cuts a text where marks stand above it. Marks that touch, or whose words touch, are together in a stretch
 * of whole words, so that lines break where they would without marks. Predictions stand above the gold.
 */
export function cutText(text: string, marks: readonly Mark[]): Stretch[] {
  const groups: { start: number; end: number; marks: Mark[] }[] = [];
  for (const mark of [...marks].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const [start, end] = wholeWords(text, mark.start, mark.end);
    const last = groups.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
      last.marks.push(mark);
    } else groups.push({ start, end, marks: [mark] });
  }
  const stretches: Stretch[] = [];
  let at = 0;
  const plain = (end: number) => {
    if (end > at) stretches.push({ start: at, end, marks: [], cuts: [at, end], rows: 0 });
  };
  for (const group of groups) {
    plain(group.start);
    stretches.push(place(group));
    at = group.end;
  }
  plain(text.length);
  return stretches;
}

function wholeWords(text: string, start: number, end: number): [number, number] {
  while (start > 0 && !/\s/.test(text[start - 1]!)) start--;
  while (end < text.length && !/\s/.test(text[end]!)) end++;
  return [start, end];
}

function place({ start, end, marks }: { start: number; end: number; marks: Mark[] }): Stretch {
  const cuts = [...new Set([start, end, ...marks.flatMap((mark) => [mark.start, mark.end])])].sort(
    (a, b) => a - b,
  );
  const above = inRows(marks.filter(({ side }) => side === 'predicted'));
  const below = inRows(marks.filter(({ side }) => side !== 'predicted'));
  const rows = [...above, ...below];
  return {
    start,
    end,
    cuts,
    rows: rows.length,
    marks: rows.flatMap((row, number) =>
      row.map((mark): PlacedMark => {
        const columns: [number, number] = [cuts.indexOf(mark.start), cuts.indexOf(mark.end)];
        return { ...mark, row: number, columns };
      }),
    ),
  };
}

/** Marks in as few rows as keep them apart, the longer ones on top. */
function inRows(marks: Mark[]): Mark[][] {
  const rows: Mark[][] = [];
  for (const mark of [...marks].sort((a, b) => b.end - b.start - (a.end - a.start))) {
    const row = rows.find((others) =>
      others.every((other) => other.end <= mark.start || mark.end <= other.start),
    );
    if (row) row.push(mark);
    else rows.push([mark]);
  }
  return rows;
}
