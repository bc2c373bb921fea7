import type { NormalizationConfig } from '../config/sections/normalization.js';
import { InputError } from '../errors.js';
import type { Context } from '../context.js';
import type { Embedder } from './embedder.js';
import type { PointVectors } from './embeddingSpace.js';
import type { Knowledge } from './knowledge.js';
import { lexicalSpace } from './lexicalSpace.js';
import { mentionClassifier } from './mentionClassifier.js';
import { createNormalizer, type Normalizer, type Scorers } from './normalizer.js';
import { pointsOf } from './points.js';
import { formsOf } from './terminology.js';
import { fitTfidf } from './tfidf.js';

/** A normalizer with what was computed for it, to be kept. */
export interface BuiltNormalizer extends Normalizer {
  seed: number;
  /** [features, classes] of the classifier, where there is one. */
  weights?: Float32Array;
  /** Of the sentence embeddings, where they are used. */
  embedding?: { embedder: string; dimension: number; vectors: PointVectors };
}

/** What a normalizer was built with before: nothing of it is computed anew. */
export type Kept = Pick<BuiltNormalizer, 'weights' | 'embedding'>;

export interface BuildOptions {
  seed: number;
  /** The sentence embedder; needed where `embedding` has a weight. The normalizer disposes of it. */
  embedder?: Embedder;
  kept?: Kept;
}

/**
 * Makes what finds codes: trains the classifier and embeds the points, where their weights are not 0.
 * @throws InputError where there is nothing to find codes with
 */
export async function buildNormalizer(
  knowledge: Knowledge,
  settings: NormalizationConfig,
  { seed, embedder, kept }: BuildOptions,
  context: Context,
): Promise<BuiltNormalizer> {
  if (knowledge.concepts.length === 0)
    throw new InputError(
      'there are no codes: neither the training documents nor data.codes have any; name the tables in data.norm and data.codes',
    );
  const scorers: Scorers = {};
  if (settings.classifier.weight > 0 && knowledge.mentions.length > 0)
    scorers.classifier = await mentionClassifier(
      knowledge,
      settings.classifier,
      { seed, weights: kept?.weights },
      context,
    );
  if (settings.lexical.weight > 0) {
    const points = pointsOf(knowledge, settings.lexical.points);
    scorers.lexical = lexicalSpace(points, settings.lexical.points.centroids, lexicon(knowledge, settings));
  }
  const embedding =
    settings.embedding.weight > 0
      ? await openSpace(knowledge, settings, embedder!, kept?.embedding, context)
      : undefined;
  if (embedding) scorers.embedding = embedding.space;
  return {
    ...createNormalizer(knowledge, settings, scorers),
    seed,
    weights: scorers.classifier?.linear.weights,
    embedding: embedding?.kept,
  };
}

/** The n-grams of labels and known mentions, whichever of them are points. */
function lexicon({ concepts, mentions }: Knowledge, { lexical }: NormalizationConfig) {
  const labels = concepts.flatMap(({ labels }) => [...new Set(labels.flatMap(formsOf))]);
  const others = lexical.points.alternatives ? concepts.flatMap(({ alternatives }) => alternatives) : [];
  return fitTfidf([...mentions.map(({ text }) => text), ...labels, ...others], lexical.ngrams);
}

async function openSpace(
  knowledge: Knowledge,
  { embedding: settings }: NormalizationConfig,
  embedder: Embedder,
  kept: Kept['embedding'],
  context: Context,
) {
  const { addCentroids, embeddingSpace, embedTexts } = await import('./embeddingSpace.js'); // loads TensorFlow
  const points = pointsOf(knowledge, settings.points);
  const texts = points.map(({ text }) => text);
  const { dimension } = embedder;
  const vectors = kept?.vectors ?? (await embedTexts(embedder, texts, settings, context));
  const whole = settings.points.centroids
    ? addCentroids(vectors, points, dimension, settings)
    : { vectors, centroids: [] };
  return {
    space: embeddingSpace(points, whole.centroids, whole.vectors, embedder, settings),
    kept: { embedder: embedder.name, dimension, vectors },
  };
}
