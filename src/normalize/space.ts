import type { Point } from './points.js';

/** Points, and how near a text is to each of them. */
export interface Space {
  points: readonly Point[];
  /** Concepts whose centroid is a point, after the others; empty where none is. */
  centroids: readonly number[];
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
  concept: number;
  source: Point['source'] | 'centroid';
  similarity: number;
}

/** How near a text is to each concept: 0 (nothing in common, or no point) to 1. */
export function conceptScores(
  { points, centroids }: Space,
  similarities: Float32Array,
  concepts: number,
  { neighbours, votePower }: Votes,
): Float64Array {
  const scores = new Float64Array(concepts);
  const conceptOf = (point: number) => points[point]?.concept ?? centroids[point - points.length]!;
  if (neighbours === null) {
    for (let point = 0; point < similarities.length; point++) {
      const concept = conceptOf(point);
      if (similarities[point]! > scores[concept]!) scores[concept] = similarities[point]!;
    }
    return scores;
  }
  for (const point of nearest(similarities, neighbours))
    scores[conceptOf(point)]! += Math.max(0, similarities[point]!) ** votePower / neighbours;
  return scores;
}

/** The points nearest to a text, the nearest first. */
export function nearestPoints(
  { points, centroids }: Space,
  similarities: Float32Array,
  count: number,
): Neighbour[] {
  return nearest(similarities, count).map((point): Neighbour => {
    const similarity = similarities[point]!;
    if (point < points.length) return { ...points[point]!, similarity };
    return { text: '', concept: centroids[point - points.length]!, source: 'centroid', similarity };
  });
}

/** Indices of the greatest values, the greatest first; of equal ones the first. */
function nearest(values: Float32Array, count: number): number[] {
  const chosen: number[] = [];
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
