import type { Reached } from '../context.js';
import { randomFrom } from '../data/random.js';
import type { SparseVector } from './tfidf.js';

/** A linear classifier: a weight for every feature and class, [features, classes]. */
export interface LinearClassifier {
  classes: number;
  weights: Float32Array;
}

export interface ClassifierOptions {
  features: number;
  classes: number;
  /** The price of an example on the wrong side of its margin. */
  cost: number;
  /** How often every example is looked at. */
  passes: number;
  seed: number;
}

/** Looks at examples after which others have their turn. */
const AT_ONCE = 100;

/**
 * Trains a linear support vector machine for each class against the rest, with squared hinge loss, by dual
 * coordinate descent (Hsieh et al. 2008, algorithm 1), all classes side by side.
 * @param examples no two dimensions of one may be the same; `of` is its class
 * @param reached told how many passes are done, now and then in each
 */
export async function trainClassifier(
  examples: readonly { vector: SparseVector; of: number }[],
  { features, classes, cost, passes, seed }: ClassifierOptions,
  reached?: Reached,
): Promise<LinearClassifier> {
  const weights = new Float64Array(features * classes);
  const alphas = examples.map(() => new Float64Array(classes));
  const squares = examples.map(({ vector }) => vector.values.reduce((sum, value) => sum + value * value, 0));
  const diagonal = 1 / (2 * cost);
  const margins = new Float64Array(classes);
  const random = randomFrom(seed);
  for (let pass = 0; pass < passes; pass++) {
    for (const [look, number] of random.shuffle([...examples.keys()]).entries()) {
      if (look % AT_ONCE === 0) await reached?.(pass);
      const { vector, of } = examples[number]!;
      addScores(weights, vector, margins.fill(0));
      const alpha = alphas[number]!;
      const step = margins; // the change of each class's weights along the example, in the margins' place
      for (let c = 0; c < classes; c++) {
        const sign = c === of ? 1 : -1;
        const gradient = sign * margins[c]! - 1 + diagonal * alpha[c]!;
        const next = Math.max(alpha[c]! - gradient / (squares[number]! + diagonal), 0);
        step[c] = sign * (next - alpha[c]!);
        alpha[c] = next;
      }
      vector.indices.forEach((feature, i) => {
        const value = vector.values[i]!;
        const row = feature * classes;
        for (let c = 0; c < classes; c++) weights[row + c]! += value * step[c]!;
      });
    }
  }
  await reached?.(passes);
  return { classes, weights: Float32Array.from(weights) };
}

/** A vector's score for every class: at least 1 for its own and at most -1 for others, as trained. */
export function classScores({ classes, weights }: LinearClassifier, vector: SparseVector): Float64Array {
  const scores = new Float64Array(classes);
  addScores(weights, vector, scores);
  return scores;
}

function addScores(weights: Float64Array | Float32Array, vector: SparseVector, scores: Float64Array): void {
  for (let i = 0; i < vector.indices.length; i++) {
    const value = vector.values[i]!;
    const row = vector.indices[i]! * scores.length;
    for (let c = 0; c < scores.length; c++) scores[c]! += value * weights[row + c]!;
  }
}
