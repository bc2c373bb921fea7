/**
 * p-values of a family of tests, corrected by Holm's step-down method: rejecting those below a level then
 * keeps the chance of even one false rejection below it, however the tests depend on each other.
 * @see Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics, 1979
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const adjusted = [...values];
  let most = 0;
  for (const [rank, index] of order.entries()) {
    most = Math.max(most, Math.min(1, (values.length - rank) * values[index]!));
    adjusted[index] = most;
  }
  return adjusted;
}
