import { InputError } from '../../errors.js';
import type { EncoderConfig } from './config.js';
import { weightsIdentity } from './identity.js';
import { maskedLmNames } from './names.js';
import { openWeights, type OpenedWeights } from './open.js';
import { encoderShapes, optionalShapes } from './shapes.js';

/** Opens a folder's weights as `openWeights` does, and sees that the masked-LM head is among them. */
export async function openMaskedLmWeights(
  folder: string,
  vocabulary?: string | null,
): Promise<OpenedWeights> {
  const opened = await openWeights(folder, vocabulary);
  const { config, weights } = opened;
  const missing = [...maskedLmShapes(config).keys()].find((name) => !weights.entries.has(name));
  if (missing === undefined) return opened;
  await weights.close();
  throw new InputError(
    `${weights.file}: there is no tensor ${missing}: the weights were saved without their masked-LM head, and ` +
      'without it no likelihood can be computed; take bert-base-multilingual-cased itself (meddoprof fetch), ' +
      'or save the model as a BertForMaskedLM',
  );
}

/** Name and shape of every parameter of a masked language model; its decoder is the word table. */
export function maskedLmShapes(config: EncoderConfig): Map<string, number[]> {
  const { dense, norm, bias } = maskedLmNames(config.type);
  const head = [`${dense}.weight`, `${dense}.bias`, `${norm}.weight`, `${norm}.bias`, bias];
  const shapes = optionalShapes(config);
  return new Map([...encoderShapes(config), ...head.map((name) => [name, shapes.get(name)!] as const)]);
}

/**
 * Tells the models of folders apart, by `weightsIdentity`.
 * @throws InputError as `openMaskedLmWeights` does
 */
export async function maskedLmIdentity(folder: string, vocabulary?: string | null): Promise<string> {
  const { config, weights, vocabularyFile, lowercase } = await openMaskedLmWeights(folder, vocabulary);
  try {
    const source = { settings: { config, lowercase }, weights, vocabularyFile };
    return await weightsIdentity(source, maskedLmShapes(config));
  } finally {
    await weights.close();
  }
}
