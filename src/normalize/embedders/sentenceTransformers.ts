import type { Tokenizer } from '../../data/tokenizers/tokenizer.js';
import { loadTensors } from '../../model/loadTensors.js';
import { encodeSentences, sentenceDimension } from '../../model/sentenceEncoder.js';
import { encoderIdentity, weightsIdentity } from '../../model/weights/identity.js';
import {
  openSentenceTransformers,
  sentenceEncoderParameters,
  type OpenedSentenceEncoder,
} from '../../model/weights/sentenceTransformers.js';
import type { Context } from '../../context.js';
import type { Embedder } from '../embedder.js';
import { BATCH_PIECES, batchCompiler, embedSentences } from './batches.js';
import { embedderName, type About, type EmbedderSource } from './source.js';

/**
 * The embedder of a folder that sentence-transformers has saved; its vectors are those of Python's `encode`.
 * @param options pieces that are computed together; whether the sentences have the model's prompt already
 * @throws InputError naming the file that is missing or does not fit
 */
export async function sentenceTransformers(
  folder: string,
  { batchPieces = BATCH_PIECES, prompted = false }: { batchPieces?: number; prompted?: boolean } = {},
): Promise<EmbedderSource> {
  const opened = await openSentenceTransformers(folder, { prompted });
  try {
    const { config, tokenizer, lowercaseText, mostPieces, weights } = opened;
    const identified = { ...config, encoder: encoderIdentity(config.encoder) };
    const settings = { config: identified, lowercase: tokenizer.lowercase, lowercaseText, mostPieces };
    const parameters = sentenceEncoderParameters(config);
    const dense = new Set(config.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer.name] : [])));
    const isDense = (name: string) => dense.has(name.replace(/\.weight$/, ''));
    const source = { settings, weights, tokenizer };
    const { identity, former } = await weightsIdentity(source, parameters, isDense);
    const about = {
      name: embedderName('sentenceTransformers', identity),
      formerName: embedderName('sentenceTransformers', former),
      dimension: sentenceDimension(config),
    };
    return { ...about, open: (context) => openEmbedder(folder, about, batchPieces, context) };
  } finally {
    await opened.weights.close();
  }
}

async function openEmbedder(
  folder: string,
  about: About,
  batchPieces: number,
  context: Context,
): Promise<Embedder> {
  const opened = await openSentenceTransformers(folder, { prompted: true }); // refused above where it is not
  const { config, mostPieces } = opened;
  try {
    const tokenizer = caseless(opened);
    const parameters = sentenceEncoderParameters(config);
    const { weights, tensors, dispose } = await loadTensors(opened.weights, parameters);
    const compiler = batchCompiler(context);
    const model = {
      tokenizer,
      mostPieces,
      batchPieces,
      dimension: about.dimension,
      tensors,
      compiler,
      encode: (input: Parameters<typeof encodeSentences>[2]) => encodeSentences(config, weights, input),
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
    await opened.weights.close();
  }
}

/** sentence-transformers' own lower-casing comes before the tokenizer's. */
function caseless({
  tokenizer,
  lowercaseText,
}: OpenedSentenceEncoder): Pick<Tokenizer, 'encodeBatch' | 'cls' | 'sep' | 'pad'> {
  if (!lowercaseText) return tokenizer;
  const { cls, sep, pad } = tokenizer;
  const encodeBatch = (texts: readonly string[]) =>
    tokenizer.encodeBatch(texts.map((text) => text.toLowerCase()));
  return { cls, sep, pad, encodeBatch };
}
