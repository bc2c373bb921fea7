import { outputsOf, type Output, type Scheme } from '../../src/data/labels.js';

/** Words of nine characters with one between them: word k has the offsets 10k to 10k + 9. */
export function words(count: number): { wordStarts: Int32Array; wordEnds: Int32Array } {
  return {
    wordStarts: Int32Array.from({ length: count }, (_, word) => word * 10),
    wordEnds: Int32Array.from({ length: count }, (_, word) => word * 10 + 9),
  };
}

/** The output of one task `ner` with labels A and B. */
export function oneTask(scheme: Scheme): Output {
  return outputsOf({ ner: { labels: ['A', 'B'] } }, scheme, 'perTask')[0]!;
}

/** The output over the pairs of A, B (task `ner`) and X, Y (task `class`). */
export function joint(scheme: Scheme): Output {
  return outputsOf({ ner: { labels: ['A', 'B'] }, class: { labels: ['X', 'Y'] } }, scheme, 'joint')[0]!;
}
