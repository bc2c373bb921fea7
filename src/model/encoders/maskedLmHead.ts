import { filled, linearSpecs, normSpecs } from '../part.js';
import type { Activation, EncoderConfig, MaskedLmHead } from './family.js';

/** A masked-LM head: `dense` and `norm` are names without `.weight` and `.bias`, `bias` is the decoder's, whole. */
export function maskedLmHead(
  { dense, norm, bias }: { dense: string; norm: string; bias: string },
  { hidden, vocabularySize }: EncoderConfig,
  activation: Activation,
  { biases = true } = {},
): MaskedLmHead {
  const named = (part: string) =>
    biases ? { weight: `${part}.weight`, bias: `${part}.bias` } : { weight: `${part}.weight` };
  return {
    dense: named(dense),
    norm: named(norm),
    bias,
    activation,
    parameters: [
      ...linearSpecs(dense, [hidden, hidden], 'new', { bias: biases }),
      ...normSpecs(norm, hidden, 'new', { bias: biases }),
      { name: bias, shape: [vocabularySize], initial: filled(0), group: 'new', use: 'words' },
    ],
  };
}
