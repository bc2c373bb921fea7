import { choicesOf, type Choice, type ThresholdedSpan } from './thresholds.js';

/** A document's candidates and gold spans, label by label in the order of the labels. */
export interface TuningDocument {
  spans: ThresholdedSpan[][];
  gold: number[];
}

export interface TuningTask {
  labels: readonly string[];
  /** The thresholds that the labels have now. */
  thresholds: readonly number[];
  documents: readonly TuningDocument[];
}

/**
 * The thresholds nearest to those of now that are no worse for F1 than the best ones, as far as these documents tell: the
 * rule of one standard error, label by label. Near the best F1 f of all labels together a label adds to it by its right spans
 * less f/2 of those that it finds; a sum over documents, so that of the difference to the best threshold the error is known.
 * @param best thresholds, in the order of the labels, and their F1
 * @see Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, section 3.4.3
 */
export function steadyThresholds(
  { labels, thresholds, documents }: TuningTask,
  best: { thresholds: readonly number[]; f1: number },
  least: number,
): number[] {
  return labels.map((_, label) => {
    const [now, top] = [thresholds[label]!, best.thresholds[label]!];
    const worth = (threshold: number) =>
      documents.map(({ spans }) => worthOf(found(spans[label]!, threshold), best.f1));
    const most = worth(top);
    const move = ({ threshold }: Choice) => Math.abs(threshold - now);
    const spans = documents.flatMap((document) => document.spans[label]!);
    const choices = choicesOf({ spans, threshold: now }, least).sort((a, b) => move(a) - move(b));
    const nearest = choices.find(({ threshold }) => !isWorse(most, worth(threshold)));
    return nearest && move(nearest) < Math.abs(top - now) ? nearest.threshold : top;
  });
}

/** The spans that a threshold finds. */
export function found<S extends ThresholdedSpan>(spans: readonly S[], threshold: number): S[] {
  return spans.filter(({ above, upTo }) => above < threshold && threshold <= upTo);
}

function worthOf(spans: readonly ThresholdedSpan[], f1: number): number {
  return spans.filter(({ right }) => right).length - (f1 / 2) * spans.length;
}

/** Whether the sum of the second is less than that of the first by more than the standard error of the difference. */
function isWorse(first: readonly number[], second: readonly number[]): boolean {
  let [sum, squares] = [0, 0];
  first.forEach((value, document) => {
    const difference = value - second[document]!;
    sum += difference;
    squares += difference * difference;
  });
  const count = first.length;
  const error = Math.sqrt(Math.max(0, squares - (sum * sum) / count) * (count / Math.max(1, count - 1)));
  return sum > error + 1e-9;
}
