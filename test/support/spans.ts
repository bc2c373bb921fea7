import fc from 'fast-check';
import type { Span } from '../../src/data/document.js';
import type { ScoredSpan, SpansByDocument } from '../../src/eval/spans.js';

/** Labels that are scored; spans of any label can also be O, which is not. */
export const scoredLabels = ['A', 'B', 'C'];

/** Spans by document from lines like `A 0 6, B 10 20`. */
export function spansOf(documents: Record<string, string>): Map<string, Span[]> {
  const parse = (written: string) => {
    const [label, start, end] = written.trim().split(' ');
    return { label: label!, start: Number(start), end: Number(end) };
  };
  return new Map(
    Object.entries(documents).map(([name, line]) => [name, line === '' ? [] : line.split(',').map(parse)]),
  );
}

/** Spans short enough to meet each other, by the documents a to d, each of which may be absent. */
export function anySpans(labels = [...scoredLabels, 'O']): fc.Arbitrary<SpansByDocument> {
  const span: fc.Arbitrary<ScoredSpan> = fc
    .record({ label: fc.constantFrom(...labels), start: fc.nat(12), length: fc.integer({ min: 1, max: 5 }) })
    .map(({ label, start, length }) => ({ label, start, end: start + length }));
  return fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.array(span, { maxLength: 8 }))
    .map((documents) => new Map(Object.entries(documents)));
}

/** The documents of one side that both have: with them alone neither side ignores any. */
export function shared(side: SpansByDocument, other: SpansByDocument): SpansByDocument {
  return new Map([...side].filter(([document]) => other.has(document)));
}
