import { createHash, type Hash } from 'node:crypto';
import type { Tokenizer } from '../../data/tokenizers/tokenizer.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import type { ParameterSpec } from '../part.js';
import type { WeightFile } from './weightFile.js';

/** Of what is hashed: models have other names where another version made them. */
const VERSION = 2;
/** Rows of each matrix that are read. */
const ROWS = 16;

/** What is told apart: weights, what is computed with them, and the tokenizer that its ids are of. */
export interface IdentitySource {
  /** Anything that JSON holds. */
  settings: object;
  weights: WeightFile;
  tokenizer: Pick<Tokenizer, 'identity'>;
}

export interface WeightsIdentity {
  identity: string;
  /** As it was before matrices counted: saved normalizers have it in their embedder's name. */
  former: string;
}

/**
 * Tells models apart without reading all weights: a hash of settings, names, shapes, every vector (biases and
 * norms), some rows of every matrix and the tokenizer. Any training of a matrix changes nearly all its rows, LoRA's
 * too, which leaves the vectors as they were; what changes only rows between those that are read is not seen. The same
 * for a model in any format.
 * @param parameters those that count
 * @param whole true for a matrix that is small enough to be read whole
 */
export async function weightsIdentity(
  { settings, weights, tokenizer }: IdentitySource,
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
  whole: (name: string) => boolean = () => false,
): Promise<WeightsIdentity> {
  const now = createHash('sha256').update(JSON.stringify([VERSION, settings]));
  const former = createHash('sha256').update(JSON.stringify(settings));
  const both = (part: string | Uint8Array | Float32Array) => {
    now.update(part);
    former.update(part);
  };
  for (const { name, shape } of parameters) {
    both(`${name} ${shape};`);
    const [height = 1] = shape;
    if (shape.length === 1 || whole(name)) both(await weights.read(name));
    else for (const start of spread(height)) now.update(await weights.read(name, { start, count: 1 }));
  }
  for (const part of tokenizer.identity) both(part);
  const named = (hash: Hash) => hash.digest('hex').slice(0, 16);
  return { identity: named(now), former: named(former) };
}

/** Rows from the first to the last, so that each part of a matrix that is several in one has some. */
function spread(height: number): number[] {
  if (height <= ROWS) return [...Array(height).keys()];
  return Array.from({ length: ROWS }, (_, i) => Math.floor((i * (height - 1)) / (ROWS - 1)));
}

/** What an encoder's config adds to the settings. */
export function encoderIdentity(config: EncoderConfig): object {
  return familyOf(config).identity?.(config) ?? config;
}
