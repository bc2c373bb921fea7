/** A span that some thresholds find: those greater than `above`, up to `upTo`. */
export interface ThresholdedSpan {
  above: number;
  upTo: number;
  /** Whether the gold has it. */
  right: boolean;
}

/** What thresholds can find of one label. */
export interface LabelCandidates {
  label: string;
  spans: readonly ThresholdedSpan[];
  /** Spans that the gold has, found or not. */
  gold: number;
  /** The threshold that the label has now: of those that find the same, it stays. */
  threshold: number;
}

/** The best F1, or the best precision of those thresholds whose recall is at least so much. */
export type Objective = { kind: 'f1' } | { kind: 'precision'; recall: number };

export interface Tuned {
  thresholds: Record<string /*label*/, number>;
  /** What they find, of all labels together. */
  found: number;
  right: number;
  /** False where no thresholds have the recall that was asked for: then these have the most. */
  reached: boolean;
}

/** A threshold of one label, and what it finds. */
export interface Choice {
  threshold: number;
  found: number;
  right: number;
}

/**
 * The thresholds by label that are best for the labels of a task together, micro-averaged, among all from `least` to 1.
 * Exact: both aims need but the fewest spans that are found for each number of right ones, which adds up over labels
 * (by dynamic programming). Labels that no threshold changes anything for keep theirs.
 */
export function tuneThresholds(
  labels: readonly LabelCandidates[],
  objective: Objective,
  least: number,
): Tuned {
  const gold = labels.reduce((sum, one) => sum + one.gold, 0);
  let best: Combined[] = [{ found: 0 }]; // by number of right spans
  for (const { label, ...own } of labels) {
    const next: Combined[] = [];
    for (const choice of fewestFound(choicesOf(own, least), own.threshold))
      best.forEach((before, right) => {
        const found = before.found + choice.found;
        const at = right + choice.right;
        if (found < (next[at]?.found ?? Infinity)) next[at] = { found, before, label, choice };
      });
    best = next;
  }
  const all = best.flatMap((combined, right) => (combined ? [{ combined, right }] : []));
  const needed = objective.kind === 'f1' ? 0 : objective.recall * gold - 1e-9;
  const enough = all.filter(({ right }) => right >= needed);
  const worth = ({ combined: { found }, right }: (typeof all)[number]) => {
    if (enough.length === 0) return right;
    return right === 0 ? 0 : objective.kind === 'f1' ? (2 * right) / (found + gold) : right / found;
  };
  const chosen = (enough.length > 0 ? enough : all).reduce((top, one) =>
    worth(one) > worth(top) ? one : top,
  );
  const thresholds = new Map<string, number>(); // a label may be called `__proto__`
  for (let at: Combined | undefined = chosen.combined; at?.label !== undefined; at = at.before)
    thresholds.set(at.label, at.choice!.threshold);
  return {
    thresholds: Object.fromEntries(labels.map(({ label }) => [label, thresholds.get(label)!])),
    found: chosen.combined.found,
    right: chosen.right,
    reached: enough.length > 0,
  };
}

/** The thresholds of some labels together. */
interface Combined {
  found: number;
  before?: Combined;
  label?: string;
  choice?: Choice;
}

/**
 * What each threshold from `least` to 1 finds, the greatest first: one of all those that find the same, `threshold` itself
 * where it is among them, else about the middle one in as few digits as tell it from the others.
 */
export function choicesOf(
  { spans, threshold }: Pick<LabelCandidates, 'spans' | 'threshold'>,
  least: number,
): Choice[] {
  const changes = new Map<number, { found: number; right: number }>();
  const change = (at: number, by: 1 | -1, right: boolean) => {
    const sums = changes.get(at) ?? { found: 0, right: 0 };
    changes.set(at, { found: sums.found + by, right: sums.right + (right ? by : 0) });
  };
  for (const { above, upTo, right } of spans) {
    if (upTo < least) continue;
    change(upTo, 1, right);
    if (above >= least) change(above, -1, right);
  }
  const edges = [...new Set([1, ...changes.keys()])].sort((a, b) => b - a);
  let [found, right] = [0, 0];
  return edges.map((edge, i) => {
    const sums = changes.get(edge);
    found += sums?.found ?? 0;
    right += sums?.right ?? 0;
    const next = edges[i + 1] ?? least;
    const isWithin = (value: number) =>
      (value > next || i === edges.length - 1) && value >= next && value <= edge;
    return { threshold: isWithin(threshold) ? threshold : between(next, edge, isWithin), found, right };
  });
}

/** By number of right spans the fewest that are found; of equal ones the threshold that changes least. */
function fewestFound(choices: readonly Choice[], threshold: number): Choice[] {
  const best = new Map<number, Choice>();
  const change = (choice: Choice) => Math.abs(choice.threshold - threshold);
  for (const choice of choices) {
    const known = best.get(choice.right);
    if (
      !known ||
      choice.found < known.found ||
      (choice.found === known.found && change(choice) < change(known))
    )
      best.set(choice.right, choice);
  }
  return [...best.values()];
}

function between(low: number, high: number, isWithin: (value: number) => boolean): number {
  const middle = (low + high) / 2;
  for (let digits = 2; digits < 17; digits++) {
    const rounded = Number(middle.toFixed(digits));
    if (isWithin(rounded)) return rounded;
  }
  return high;
}
