import type { NormalizationConfig } from '../../config/schema.js';
import { UsageError } from '../../errors.js';
import type { Embedder } from '../embedder.js';

/** Opens the sentence embedder that settings ask for. */
export function openEmbedder({ kind }: NormalizationConfig['embedding']): Promise<Embedder> {
  throw new UsageError(
    `normalization.embedding.kind: ${kind} is not there yet; set normalization.embedding.weight to 0`,
  );
}
