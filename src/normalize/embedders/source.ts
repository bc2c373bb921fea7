import type { Context } from '../../context.js';
import type { Embedder } from '../embedder.js';

/** What is known of an embedder before its weights are loaded: enough to look into a cache or an index. */
export type About = Pick<Embedder, 'name' | 'formerName' | 'dimension'>;

export interface EmbedderSource extends About {
  /** Puts the weights on the engine, which must have been started. */
  open(context: Context): Promise<Embedder>;
}

/**
 * A name that also serves as a file's: kind, settings, identity of the weights. Not the precision: vectors in
 * bfloat16 are near enough to be searched among others.
 */
export function embedderName(...parts: string[]): string {
  return parts.join('-');
}
