/** Turns sentences into points of a space in which near means alike. */
export interface Embedder {
  /** What tells its vectors from those of others: kind, weights and settings. An index is tied to it. */
  name: string;
  /** Length of a vector. */
  dimension: number;
  /** [sentences, dimension], row by row, in the order given; the same for a sentence whatever stands beside it. */
  embed(sentences: readonly string[], onProgress?: EmbedProgress): Promise<Float32Array>;
  dispose(): void;
}

export type EmbedProgress = (done: number, total: number) => void;
