import type { FoundSpan, Span } from '../../src/data/document.js';
import type { Encoded } from '../../src/data/tokenizers/tokenizer.js';
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

/** A text whose piece i belongs to word `of[i]`, in words as above. */
export function encodedWords(of: readonly number[]): Encoded {
  const offsets = words((of.at(-1) ?? -1) + 1);
  return {
    ids: Int32Array.from(of, (_, piece) => piece),
    starts: Int32Array.from(of, (word) => 10 * word),
    ends: Int32Array.from(of, (word) => 10 * word + 9),
    words: Int32Array.from(of),
    lastWords: Int32Array.from(of),
    ...offsets,
    firstPieces: offsets.wordStarts.map((_, word) => of.indexOf(word)),
  };
}

/** The span of words `first` to `last` of such a text. */
export const wordSpan = (label: string, first: number, last: number): Span => ({
  label,
  start: 10 * first,
  end: 10 * last + 9,
});

/** Such a span as «LABEL first-last», in words. */
export const spanInWords = ({ label, start, end }: Span) => `${label} ${start / 10}-${(end - 9) / 10}`;

/** Spans by task likewise. */
export function inWords(spans: Record<string, readonly Span[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(spans).map(([task, found]) => [task, found.map(spanInWords)]));
}

/** Found spans as they would stand in a file: without their scores. */
export function withoutScores(spans: Record<string, readonly FoundSpan[]>): Record<string, Span[]> {
  const bare = ({ label, start, end }: FoundSpan): Span => ({ label, start, end });
  return Object.fromEntries(Object.entries(spans).map(([task, found]) => [task, found.map(bare)]));
}
