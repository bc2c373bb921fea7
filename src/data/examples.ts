import type { Document, Span } from './document.js';
import { encodeLabels, type Head } from './labels.js';
import type { Encoded, Tokenizer } from './tokenizer.js';

/** A document as the model sees it. */
export interface Example {
  name: string;
  text: string;
  encoded: Encoded;
  /** Per head, [words * channels], 0 or 1. */
  targets: Uint8Array[];
  /** The gold spans, per task. */
  spans: Record<string, Span[]>;
}

/** Tokenizes documents and labels their words, in order. */
export async function prepareExamples(
  documents: readonly Document[],
  tokenizer: Pick<Tokenizer, 'encodeBatch'>,
  heads: readonly Head[],
): Promise<Example[]> {
  const encodings = await tokenizer.encodeBatch(documents.map((document) => document.text));
  return documents.map(({ name, text, spans }, i) => {
    const encoded = encodings[i]!;
    return { name, text, encoded, targets: heads.map((head) => encodeLabels(head, spans, encoded)), spans };
  });
}
