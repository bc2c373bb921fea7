import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import type { ParameterSpec } from '../part.js';
import type { WeightFile } from './weightFile.js';

/** What is told apart: weights, what is computed with them, and the vocabulary that its ids are of. */
export interface IdentitySource {
  /** Anything that JSON holds. */
  settings: object;
  weights: WeightFile;
  vocabularyFile: string;
}

/**
 * Tells models apart without reading all weights: a hash of settings, names, shapes, every vector (biases and
 * norms, which any training changes) and the vocabulary. The same for a model in any format.
 * @param parameters those that count
 * @param whole true for a matrix that is small enough to be read too
 */
export async function weightsIdentity(
  { settings, weights, vocabularyFile }: IdentitySource,
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
  whole: (name: string) => boolean = () => false,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const { name, shape } of parameters) {
    hash.update(`${name} ${shape};`);
    if (shape.length === 1 || whole(name)) hash.update(await weights.read(name));
  }
  hash.update(await readFile(vocabularyFile));
  return hash.digest('hex').slice(0, 16);
}

/** What an encoder's config adds to the settings. */
export function encoderIdentity(config: EncoderConfig): object {
  return familyOf(config).identity?.(config) ?? config;
}
