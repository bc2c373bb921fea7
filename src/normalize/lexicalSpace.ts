import type { Point } from './points.js';
import { conceptsOfPoints, type Space } from './space.js';
import type { SparseVector, Tfidf } from './tfidf.js';

/** A space of TF-IDF vectors under the cosine, searched through the points that share an n-gram with a text. */
export function lexicalSpace(points: readonly Point[], withCentroids: boolean, tfidf: Tfidf): Space {
  const vectors = points.map(({ text }) => tfidf.vector(text));
  const members = new Map<number, SparseVector[]>();
  if (withCentroids)
    points.forEach(({ concept }, i) => {
      if (!members.has(concept)) members.set(concept, []);
      members.get(concept)!.push(vectors[i]!);
    });
  const centroids = [...members.keys()];
  const index = invert(
    [...vectors, ...centroids.map((concept) => mean(members.get(concept)!))],
    tfidf.dimension,
  );
  const size = points.length + centroids.length;
  return {
    points,
    concepts: conceptsOfPoints(points, centroids),
    similarities: (texts) => Promise.resolve(texts.map((text) => search(index, tfidf.vector(text), size))),
    dispose: () => {},
  };
}

/** Per n-gram the points that have it: those of n-gram g are from starts[g] to starts[g + 1]. */
interface InvertedIndex {
  starts: Int32Array;
  points: Int32Array;
  values: Float32Array;
}

function invert(vectors: readonly SparseVector[], dimension: number): InvertedIndex {
  const starts = new Int32Array(dimension + 1);
  for (const { indices } of vectors) for (const index of indices) starts[index + 1]!++;
  for (let index = 0; index < dimension; index++) starts[index + 1]! += starts[index]!;
  const next = starts.slice();
  const points = new Int32Array(starts[dimension]!);
  const values = new Float32Array(starts[dimension]!);
  vectors.forEach((vector, point) =>
    vector.indices.forEach((index, i) => {
      const at = next[index]!++;
      points[at] = point;
      values[at] = vector.values[i]!;
    }),
  );
  return { starts, points, values };
}

function search({ starts, points, values }: InvertedIndex, query: SparseVector, size: number): Float32Array {
  const similarities = new Float32Array(size);
  query.indices.forEach((index, i) => {
    const weight = query.values[i]!;
    for (let at = starts[index]!; at < starts[index + 1]!; at++)
      similarities[points[at]!]! += weight * values[at]!;
  });
  return similarities;
}

/** The mean of vectors, brought to length 1. */
function mean(vectors: readonly SparseVector[]): SparseVector {
  const sum = new Map<number, number>();
  for (const { indices, values } of vectors)
    indices.forEach((index, i) => sum.set(index, (sum.get(index) ?? 0) + values[i]!));
  const entries = [...sum].sort(([a], [b]) => a - b);
  const length = Math.sqrt(entries.reduce((total, [, value]) => total + value * value, 0)) || 1;
  return {
    indices: Int32Array.from(entries, ([index]) => index),
    values: Float64Array.from(entries, ([, value]) => value / length),
  };
}
