import { createHash } from 'node:crypto';
import { inWay, wayNow } from '../../backend/precision.js';
import type { Context } from '../../context.js';
import { areFinite, NotFinite } from '../../model/finite.js';
import type { Embedder } from '../embedder.js';
import { cachedEmbedder } from './cached.js';
import { pooledEncoder } from './pooledEncoder.js';
import { sentenceTransformers } from './sentenceTransformers.js';
import { embedderName, type EmbedderSource } from './source.js';
import { universalSentenceEncoder } from './universalSentenceEncoder.js';

export interface EmbedderSettings {
  /**
   * sentenceTransformers: a folder of that library, distiluse for one. pooledEncoder: any encoder,
   * averaged over pieces and layers. universalSentenceEncoder: the lite one of TensorFlow.js, English.
   */
  kind: 'sentenceTransformers' | 'pooledEncoder' | 'universalSentenceEncoder';
  /** Folder. */
  weights: string;
  /** What goes before every sentence. */
  prefix?: string;
  /** Of pooledEncoder: whose outputs are averaged, 0: the embeddings; null: the first and the last. */
  layers?: number[] | null;
  /** Pieces that are computed together, padding included. */
  batchPieces?: number;
  /** Folder of the vectors that were computed; null: they are not kept. */
  cache: string | null;
}

/** What to open: what a config names, or the encoder that was trained for it. */
export function embedderSettings<S extends EmbedderSettings & { training: { epochs: number } }>(
  settings: S,
  trained: string,
): S {
  if (settings.training.epochs === 0) return settings;
  return { ...settings, kind: 'sentenceTransformers', weights: trained };
}

/**
 * Opens an embedder. With a cache its weights are loaded when they are first needed, without at once. The
 * engine must have been started; it embeds in the way in which it is opened, whoever asks.
 * @throws InputError naming the file that is missing or does not fit
 */
export async function openEmbedder(settings: EmbedderSettings, context: Context): Promise<Embedder> {
  return openEmbedderOf(await sourceOf(settings), settings.cache, context);
}

/** The same of what is known of it already. */
export async function openEmbedderOf(
  source: EmbedderSource,
  cache: string | null,
  context: Context,
): Promise<Embedder> {
  const embedder = await (cache === null ? source.open(context) : cachedEmbedder(cache, source, context));
  const way = wayNow();
  const embed: Embedder['embed'] = (...asked) => inWay(way, () => embedder.embed(...asked));
  return { ...embedder, embed };
}

/** What is known of an embedder from its files alone: to compare its name with an index's. */
export async function sourceOf({ prefix = '', ...settings }: EmbedderSettings): Promise<EmbedderSource> {
  const source = checked(await bareSource(settings, prefix), settings.weights);
  return prefix === '' ? source : prefixed(source, prefix);
}

/** The same, but that vectors are refused that are no numbers: every cosine with one of them is none. */
function checked({ open, ...about }: EmbedderSource, weights: string): EmbedderSource {
  return {
    ...about,
    async open(context) {
      const embedder = await open(context);
      const embed: Embedder['embed'] = (sentences, options) =>
        embedder.embed(sentences, {
          ...options,
          async keep(indices, vectors) {
            if (areFinite(vectors)) return options?.keep?.(indices, vectors);
            throw new NotFinite(
              `${weights}: the encoder gives sentences vectors that are no numbers: its weights are damaged; fetch it again`,
            );
          },
        });
      return { ...embedder, embed };
    },
  };
}

/** The same with a prefix before every sentence. */
function prefixed({ name, formerName, dimension, open }: EmbedderSource, prefix: string): EmbedderSource {
  const withPrefix = (bare: string) =>
    embedderName(bare, createHash('sha256').update(prefix).digest('hex').slice(0, 8));
  const about = {
    name: withPrefix(name),
    formerName: formerName && withPrefix(formerName),
    dimension,
  };
  return {
    ...about,
    async open(context) {
      const embedder = await open(context);
      const embed: Embedder['embed'] = (sentences, options) =>
        embedder.embed(
          sentences.map((sentence) => prefix + sentence),
          options,
        );
      return { ...embedder, ...about, embed };
    },
  };
}

function bareSource(
  { kind, weights, layers, batchPieces }: EmbedderSettings,
  prefix: string,
): Promise<EmbedderSource> {
  switch (kind) {
    case 'sentenceTransformers':
      return sentenceTransformers(weights, { batchPieces, prompted: prefix !== '' });
    case 'pooledEncoder':
      return pooledEncoder(weights, layers ?? undefined, batchPieces);
    case 'universalSentenceEncoder':
      return universalSentenceEncoder(weights);
  }
}
