import { schemes } from '../config/choices.js';
import { createContext, type Context } from '../context.js';
import { decodeSpans, poolWords, type Decoding } from '../data/decode.js';
import type { Document, Span } from '../data/document.js';
import { encodeLabels, outputsOf, type Outputs, type Scheme } from '../data/labels.js';
import { pieceTargets } from '../data/pieceTargets.js';
import type { Encoded } from '../data/tokenizers/tokenizer.js';
import type { Scores } from './scores.js';
import { scoreSpans } from './spans.js';

/** The best that a label scheme allows: scores of spans that went through pieces' labels and back, per task. */
export interface Ceiling {
  scheme: Scheme;
  outputs: Outputs;
  scores: Record<string /*task*/, Scores>;
}

/** The phase: each document by every scheme and kind of outputs. */
const ENCODED = 'documents put into labels';

/**
 * The official scores that a model with perfect probabilities of every piece would get, for every label scheme
 * and both kinds of outputs (for one kind where there is one task): gold spans → labels of words → of pieces →
 * of words → spans → scores. So a span that ends inside a word costs, and a piece over two words.
 * @param encoded of each document, in the same order
 */
export async function encodingCeilings(
  documents: readonly Pick<Document, 'name' | 'spans'>[],
  encoded: readonly Omit<Encoded, 'ids'>[],
  tasks: Record<string, { labels: readonly string[] }>,
  { overlap, pooling }: Pick<Decoding, 'overlap' | 'pooling'> = { overlap: 'allow', pooling: 'mean' },
  context: Context = createContext(),
): Promise<Ceiling[]> {
  const outputs: Outputs[] = Object.keys(tasks).length > 1 ? ['perTask', 'joint'] : ['perTask'];
  const reached = context.phase(ENCODED, outputs.length * schemes.length * documents.length);
  const ceilings: Ceiling[] = [];
  for (const kind of outputs)
    for (const scheme of schemes) {
      const channels = outputsOf(tasks, scheme, kind);
      const decoded: Record<string, Span[]>[] = [];
      for (const [index, { spans }] of documents.entries()) {
        const pieces = encoded[index]!;
        const best = channels.map((output) => {
          const width = output.channels.length;
          const targets = pieceTargets(encodeLabels(output, spans, pieces), pieces, width);
          return poolWords(new Float32Array(targets), pieces, width, pooling);
        });
        decoded.push(decodeSpans(channels, best, pieces, { threshold: 0.5, thresholds: {}, overlap }));
        await reached(ceilings.length * documents.length + index + 1);
      }
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
      ceilings.push({ scheme, outputs: kind, scores: Object.fromEntries(scores) as Ceiling['scores'] });
    }
  return ceilings;
}
