import { precisionNow } from '../../backend/precision.js';
import type { Embedder } from '../embedder.js';

/** What is known of an embedder before its weights are loaded: enough to look into a cache or an index. */
export interface EmbedderSource extends Pick<Embedder, 'name' | 'dimension'> {
  /** Puts the weights on the engine, which must have been started. */
  open(): Promise<Embedder>;
}

/** A name that also serves as a file's: kind, settings, identity of the weights, precision if not float32. */
export function embedderName(...parts: string[]): string {
  const precision = precisionNow();
  return [...parts, ...(precision === 'float32' ? [] : [precision])].join('-');
}
