import { createHash } from 'node:crypto';
import type { Tokenizer } from '../../data/tokenizers/tokenizer.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import type { ParameterSpec } from '../part.js';
import type { WeightFile } from './weightFile.js';

/** What is told apart: weights, what is computed with them, and the tokenizer that its ids are of. */
export interface IdentitySource {
  /** Anything that JSON holds. */
  settings: object;
  weights: WeightFile;
  tokenizer: Pick<Tokenizer, 'identity'>;
}

/**
 * Tells models apart without reading all weights: a hash of settings, names, shapes, every vector (biases and
 * norms, which any training changes) and the tokenizer. The same for a model in any format.
 * @param parameters those that count
 * @param whole true for a matrix that is small enough to be read too
 */
export async function weightsIdentity(
  { settings, weights, tokenizer }: IdentitySource,
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
  whole: (name: string) => boolean = () => false,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const { name, shape } of parameters) {
    hash.update(`${name} ${shape};`);
    if (shape.length === 1 || whole(name)) hash.update(await weights.read(name));
  }
  for (const part of tokenizer.identity) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

/** What an encoder's config adds to the settings. */
export function encoderIdentity(config: EncoderConfig): object {
  return familyOf(config).identity?.(config) ?? config;
}
