import { decodeSpans, type Decoding } from '../data/decode.js';
import type { Document, Span } from '../data/document.js';
import { encodeLabels, outputsOf, type Outputs, type Scheme, type WordOffsets } from '../data/labels.js';
import type { Scores } from './scores.js';
import { scoreSpans } from './spans.js';

/** The best that a label scheme allows: scores of spans that went through word labels and back, per task. */
export interface Ceiling {
  scheme: Scheme;
  outputs: Outputs;
  scores: Record<string /*task*/, Scores>;
}

/**
 * The official scores that a model with perfect probabilities would get, for every label scheme and both
 * kinds of outputs (for one kind where there is one task): gold spans → word labels → spans → scores.
 * @param words of each document, in the same order
 */
export function encodingCeilings(
  documents: readonly Pick<Document, 'name' | 'spans'>[],
  words: readonly WordOffsets[],
  tasks: Record<string, { labels: readonly string[] }>,
  overlap: Decoding['overlap'] = 'allow',
): Ceiling[] {
  const outputs: Outputs[] = Object.keys(tasks).length > 1 ? ['perTask', 'joint'] : ['perTask'];
  return outputs.flatMap((kind) =>
    (['IO', 'BIO', 'BIOU'] as const).map((scheme) => {
      const channels = outputsOf(tasks, scheme, kind);
      const decoded = documents.map(({ spans }, index) => {
        const targets = channels.map((output) => encodeLabels(output, spans, words[index]!));
        return decodeSpans(channels, targets, words[index]!, { threshold: 0.5, thresholds: {}, overlap });
      });
      const byName = (spans: (index: number, document: Pick<Document, 'spans'>) => Span[] | undefined) =>
        new Map(documents.map((document, index) => [document.name, spans(index, document) ?? []]));
      const scores = Object.entries(tasks).map(([task, { labels }]) => [
        task,
        scoreSpans(
          byName((_, document) => document.spans[task]),
          byName((index) => decoded[index]![task]),
          labels,
        ),
      ]);
      return { scheme, outputs: kind, scores: Object.fromEntries(scores) as Ceiling['scores'] };
    }),
  );
}
