import type { DocumentCandidates } from '../formats/candidates.js';
import type { GrowingTable } from '../data/growingTable.js';
import { predictTexts } from '../predict/predict.js';
import type { Prediction, Predictor, Text } from '../predict/predictor.js';

/** Thresholds below this are not looked at: what only they would find is no candidate. */
export const LEAST_THRESHOLD = 0.01;

/**
 * Predicts documents, but for those that are known, and adds what any threshold would find to the table, one after the
 * other: whoever takes them keeps the rest.
 */
export async function* predictUnknown(
  predictor: Predictor,
  documents: readonly Text[],
  table: GrowingTable<DocumentCandidates>,
  isKnown: (name: string) => boolean,
): AsyncGenerator<{ prediction: Prediction; line: DocumentCandidates }> {
  for await (const prediction of predictTexts(predictor, documents, isKnown)) {
    if (isKnown(prediction.name)) continue; // computed again with those of its batches
    const line = candidatesOf(predictor, prediction);
    await table.add([line]);
    yield { prediction, line };
  }
}

/** What a table has of a run's document. */
function candidatesOf(
  { model: { head }, decoding }: Predictor,
  { name, spans, scores, encoded }: Prediction,
): DocumentCandidates {
  const candidates = head.candidates(scores, encoded, LEAST_THRESHOLD, decoding);
  return {
    document: name,
    found: mapSpans(spans, ({ start, end, label, score }) => [start, end, label, shown(score)]),
    candidates: mapSpans(candidates, ({ start, end, label, score, above, upTo }) => {
      return [start, end, label, shown(score), shown(above), shown(upTo)];
    }),
  };
}

function mapSpans<Span, const Row extends readonly unknown[]>(
  all: Record<string, Span[]>,
  row: (span: Span) => Row,
): Record<string, Row[]> {
  return Object.fromEntries(Object.entries(all).map(([task, spans]) => [task, spans.map(row)]));
}

/** As many digits as tell one float32 from the next: thresholds lie between them. */
function shown(value: number): number {
  return Number(value.toPrecision(9));
}
