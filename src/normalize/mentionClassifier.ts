import type { Context } from '../context.js';
import type { NormalizationConfig } from '../config/sections/normalization.js';
import { classScores, trainClassifier, type LinearClassifier } from './classifier.js';
import type { Knowledge, Mention } from './knowledge.js';
import { fitTfidf, type SparseVector, type Tfidf } from './tfidf.js';

/** A classifier of mentions: character n-grams, a constant, the mention's label. */
export interface MentionClassifier {
  /** Index of each class's concept. */
  classes: number[];
  linear: LinearClassifier;
  /** Score for every concept, [concepts]. */
  scores(mention: Mention): Float64Array;
}

type Settings = NormalizationConfig['classifier'];

/** The phase of training it. */
export const CLASSIFYING = 'passes of the classifier of mentions';

/**
 * Trains a classifier on the known mentions, or takes the weights that an earlier training gave.
 * @param weights [features, classes], features as `classifierShape` says
 */
export async function mentionClassifier(
  knowledge: Knowledge,
  settings: Settings,
  { seed, weights }: { seed: number; weights?: Float32Array },
  context: Context,
): Promise<MentionClassifier> {
  const { concepts, mentions } = knowledge;
  const { classes, labels, tfidf } = featuresOf(knowledge, settings);
  const vector = (mention: Mention) => features(mention, tfidf, labels, settings.labelWeight);
  const classOf = new Map(classes.map((concept, index) => [concepts[concept]!.code, index]));
  const linear = weights
    ? { classes: classes.length, weights }
    : await trainClassifier(
        mentions.map((mention) => ({ vector: vector(mention), of: classOf.get(mention.code)! })),
        {
          features: tfidf.dimension + 1 + labels.length,
          classes: classes.length,
          seed,
          cost: settings.cost,
          passes: settings.passes,
        },
        context.phase(CLASSIFYING, settings.passes),
      );
  return {
    classes,
    linear,
    scores(mention) {
      const scores = new Float64Array(concepts.length).fill(settings.unseen);
      const seen = classScores(linear, vector(mention));
      classes.forEach((concept, index) => (scores[concept] = seen[index]!));
      return scores;
    },
  };
}

/** [features, classes] of the classifier of this knowledge. */
export function classifierShape(knowledge: Knowledge, settings: Settings): [number, number] {
  const { classes, labels, tfidf } = featuresOf(knowledge, settings);
  return [tfidf.dimension + 1 + labels.length, classes.length];
}

function featuresOf({ concepts, mentions }: Knowledge, { ngrams }: Settings) {
  const codes = new Set(mentions.map(({ code }) => code));
  return {
    classes: concepts.flatMap(({ code }, concept) => (codes.has(code) ? [concept] : [])),
    labels: [...new Set(mentions.flatMap(({ label }) => label ?? []))].sort(),
    tfidf: fitTfidf(
      mentions.map(({ text }) => text),
      ngrams,
    ),
  };
}

function features(
  { text, label }: Mention,
  tfidf: Tfidf,
  labels: string[],
  labelWeight: number,
): SparseVector {
  const { indices, values } = tfidf.vector(text);
  const constant = tfidf.dimension;
  const which = label === undefined ? -1 : labels.indexOf(label);
  return {
    indices: Int32Array.from([...indices, constant, ...(which < 0 ? [] : [constant + 1 + which])]),
    values: Float64Array.from([...values, 1, ...(which < 0 ? [] : [labelWeight])]),
  };
}
