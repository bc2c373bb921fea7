import type { Context } from '../../context.js';
import { InputError } from '../../errors.js';
import type { EncoderConfig, EncoderInput } from '../../model/encoders/family.js';
import { familyOf } from '../../model/encoders/registry.js';
import { loadTensors } from '../../model/loadTensors.js';
import type { ParameterSpec } from '../../model/part.js';
import { meanOfLayers } from '../../model/sentenceEncoder.js';
import { encoderIdentity, weightsIdentity } from '../../model/weights/identity.js';
import { openWeights } from '../../model/weights/open.js';
import type { Embedder } from '../embedder.js';
import { BATCH_PIECES, batchCompiler, embedSentences } from './batches.js';
import { embedderName, type About, type EmbedderSource } from './source.js';

/** Longer sentences are cut, as distiluse and most sentence encoders do. */
const LONGEST = 128;

/**
 * The embedder of any encoder that `openWeights` takes: the mean over pieces and layers (see
 * `meanOfLayers`, which says why [CLS] and [SEP] count).
 * @param layers whose outputs are averaged, 0: the embeddings; the first and the last where left out
 * @throws InputError naming the file that is missing or does not fit, or the layer that is not there
 */
export async function pooledEncoder(
  folder: string,
  layers?: readonly number[],
  batchPieces = BATCH_PIECES,
): Promise<EmbedderSource> {
  const { config, weights, tokenizer } = await openWeights(folder);
  try {
    const chosen = checkLayers(layers ?? [1, config.layers], config, weights.file);
    const settings = { config: encoderIdentity(config), lowercase: tokenizer.lowercase, LONGEST };
    const used = parametersUntil(config, Math.max(...chosen));
    const { identity, former } = await weightsIdentity({ settings, weights, tokenizer }, used);
    const nameBy = (hash: string) => embedderName('pooledEncoder', chosen.join('+'), hash);
    const about = {
      name: nameBy(identity),
      formerName: nameBy(former),
      dimension: config.hidden,
    };
    return {
      ...about,
      open: (context) => openEmbedder(folder, about, { layers: chosen, batchPieces }, context),
    };
  } finally {
    await weights.close();
  }
}

async function openEmbedder(
  folder: string,
  about: About,
  { layers, batchPieces }: { layers: readonly number[]; batchPieces: number },
  context: Context,
): Promise<Embedder> {
  const { config, weights: file, tokenizer } = await openWeights(folder);
  try {
    const used = parametersUntil(config, Math.max(...layers));
    const { weights, tensors, dispose } = await loadTensors(file, used);
    const compiler = batchCompiler(context);
    const model = {
      tokenizer,
      batchPieces,
      dimension: about.dimension,
      mostPieces: Math.min(LONGEST, config.positions),
      tensors,
      compiler,
      encode: (input: EncoderInput) => meanOfLayers(config, weights, input, layers),
    };
    return {
      ...about,
      embed: (sentences, options) => embedSentences(model, sentences, options),
      dispose() {
        compiler?.dispose();
        dispose();
      },
    };
  } finally {
    await file.close();
  }
}

/** Those of the embeddings and of the layers below `until`. */
function parametersUntil(config: EncoderConfig, until: number): ParameterSpec[] {
  const parameters = familyOf(config).parameters(config);
  return parameters.filter(({ group }) => typeof group !== 'number' || group < until);
}

/** Each once, ascending. */
function checkLayers(layers: readonly number[], config: EncoderConfig, file: string): number[] {
  const missing = layers.find((layer) => !Number.isInteger(layer) || layer < 0 || layer > config.layers);
  if (missing === undefined && layers.length > 0) return [...new Set(layers)].sort((a, b) => a - b);
  throw new InputError(
    `layers ${missing === undefined ? 'is empty' : `asks for ${missing}`}, and ${file} has 0 (the embeddings) to ` +
      `${config.layers}: name some of these`,
  );
}
