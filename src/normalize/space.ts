import type { Point } from './points.js';

/** Points, and how near a text is to each of them. */
export interface Space {
  points: readonly Point[];
  /** [points, then centroids]: index of the concept of each. */
  concepts: Int32Array;
  /** Per text the similarity of every point, then of every centroid: at most 1, the greater the nearer. */
  similarities(texts: readonly string[]): Promise<Float32Array[]>;
  dispose(): void;
}

export interface Votes {
  /** So many nearest points vote; null: a concept is as near as its nearest point. */
  neighbours: number | null;
  votePower: number;
}

/** A point near a mention. */
export interface Neighbour {
  text: string;
  /** Which of the concepts it is a text of. */
  concept: number;
  /** Where the text is from; centroid: the mean of a concept's points. */
  source: Point['source'] | 'centroid';
  /** Cosine, from -1 to 1, or 1 / (1 + Euclidean distance). */
  similarity: number;
  /** 1 - cosine, or the Euclidean distance. */
  distance: number;
}

/** The distance that a similarity stands for: 1 - cosine, or the Euclidean one. */
export function distanceOf(similarity: number, distance: 'cosine' | 'euclidean'): number {
  return distance === 'cosine' ? 1 - similarity : 1 / similarity - 1;
}

/** How near a text is to each of `count` concepts: 0 (nothing in common, or no point) to 1. */
export function conceptScores(
  { concepts }: Pick<Space, 'concepts'>,
  similarities: Float32Array,
  count: number,
  { neighbours, votePower }: Votes,
): Float64Array {
  const scores = new Float64Array(count);
  if (neighbours === null) {
    for (let point = 0; point < similarities.length; point++) {
      const concept = concepts[point]!;
      if (similarities[point]! > scores[concept]!) scores[concept] = similarities[point]!;
    }
    return scores;
  }
  for (const point of greatest(similarities, neighbours))
    scores[concepts[point]!]! += Math.max(0, similarities[point]!) ** votePower / neighbours;
  return scores;
}

/** The points nearest to a text, the nearest first. */
export function nearestPoints(
  { points, concepts }: Pick<Space, 'points' | 'concepts'>,
  similarities: Float32Array,
  count: number,
  distance: 'cosine' | 'euclidean',
): Neighbour[] {
  return greatest(similarities, count).map((point): Neighbour => {
    const similarity = similarities[point]!;
    const apart = { similarity, distance: distanceOf(similarity, distance) };
    if (point < points.length) return { ...points[point]!, ...apart };
    return { text: '', concept: concepts[point]!, source: 'centroid', ...apart };
  });
}

/** The concepts of points, then those of centroids. */
export function conceptsOfPoints(points: readonly Point[], centroids: readonly number[]): Int32Array {
  const concepts = new Int32Array(points.length + centroids.length);
  points.forEach(({ concept }, point) => (concepts[point] = concept));
  concepts.set(centroids, points.length);
  return concepts;
}

/** Indices of the greatest values, the greatest first; of equal ones the first. */
export function greatest(values: ArrayLike<number>, count: number): number[] {
  const chosen: number[] = [];
  if (count === 0) return chosen;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (chosen.length === count && value <= values[chosen[count - 1]!]!) continue;
    let at = chosen.length;
    while (at > 0 && value > values[chosen[at - 1]!]!) at--;
    chosen.splice(at, 0, index);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}
