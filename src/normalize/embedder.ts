import type { Reached } from '../context.js';

/** Turns sentences into points of a space in which near means alike. */
export interface Embedder {
  /** What tells its vectors from those of others: kind, weights and settings. An index is tied to it. */
  name: string;
  /** What an index of an older version may call it. */
  formerName?: string | undefined;
  /** Length of a vector. */
  dimension: number;
  /** [sentences, dimension], row by row, in the order given; the same for a sentence whatever stands beside it. */
  embed(sentences: readonly string[], options?: EmbedOptions): Promise<Float32Array>;
  dispose(): void;
}

export interface EmbedOptions {
  /** Given each batch as it is computed: which of the sentences, and their vectors [indices, dimension]. */
  keep?: (indices: readonly number[], vectors: Float32Array) => Promise<void>;
  /** Told how many sentences are done, and kept. */
  reached?: Reached;
}
