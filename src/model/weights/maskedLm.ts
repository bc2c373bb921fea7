import type { TokenizerOptions } from '../../data/tokenizers/open.js';
import { InputError } from '../../errors.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import type { ParameterSpec } from '../part.js';
import { encoderIdentity, weightsIdentity } from './identity.js';
import { openWeights, type OpenedWeights } from './open.js';

/** Opens a folder's weights as `openWeights` does, and sees that the masked-LM head is among them. */
export async function openMaskedLmWeights(
  folder: string,
  options?: TokenizerOptions,
): Promise<OpenedWeights> {
  const opened = await openWeights(folder, options);
  const { config, weights } = opened;
  const missing = maskedLmParameters(config).find(({ name }) => !weights.entries.has(name));
  if (missing === undefined) return opened;
  await weights.close();
  throw new InputError(
    `${weights.file}: there is no tensor ${missing.name}: the weights were saved without their masked-LM head, and ` +
      'without it no piece can be guessed; take bert-base-multilingual-cased itself (meddoprof fetch), ' +
      'or save the model with its head, by AutoModelForMaskedLM',
  );
}

/** Every parameter of a masked language model; its decoder is the word table. */
export function maskedLmParameters(config: EncoderConfig): ParameterSpec[] {
  const family = familyOf(config);
  return [...family.parameters(config), ...family.maskedLm(config).parameters];
}

/**
 * Tells the models of folders apart, by `weightsIdentity`.
 * @throws InputError as `openMaskedLmWeights` does
 */
export async function maskedLmIdentity(folder: string, options?: TokenizerOptions): Promise<string> {
  const { config, weights, tokenizer } = await openMaskedLmWeights(folder, options);
  try {
    const settings = { config: encoderIdentity(config), lowercase: tokenizer.lowercase };
    const parameters = maskedLmParameters(config);
    return (await weightsIdentity({ settings, weights, tokenizer }, parameters)).identity;
  } finally {
    await weights.close();
  }
}
