/**
 * How often each gold label (row) met each predicted one (column), in the order of `labels`. One more row
 * and column stand for none: the last row is what was invented, the last column what was missed.
 */
export interface Confusion {
  labels: string[];
  counts: number[][];
}

export function emptyConfusion(labels: readonly string[]): Confusion {
  const size = labels.length + 1;
  return { labels: [...labels], counts: Array.from({ length: size }, () => new Array<number>(size).fill(0)) };
}

/** Adds `times` to a cell; undefined is none. */
export function addConfusion(
  { labels, counts }: Confusion,
  gold: string | undefined,
  predicted: string | undefined,
  times = 1,
): void {
  const index = (label: string | undefined) => (label === undefined ? labels.length : labels.indexOf(label));
  counts[index(gold)]![index(predicted)]! += times;
}

/** The labels that were taken for each other, most frequent first. */
export function confusedLabels({ labels, counts }: Confusion) {
  const confused: { gold: string; predicted: string; count: number }[] = [];
  for (const [row, gold] of labels.entries())
    for (const [column, predicted] of labels.entries()) {
      const count = counts[row]![column]!;
      if (row !== column && count > 0) confused.push({ gold, predicted, count });
    }
  return confused.sort((a, b) => b.count - a.count);
}
