import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { NormalizationConfig } from '../config/sections/normalization.js';
import { product } from '../ops/product.js';
import type { Context } from '../context.js';
import type { Embedder } from './embedder.js';
import type { Point } from './points.js';
import { conceptsOfPoints, type Space } from './space.js';

export type EmbeddingSettings = Pick<
  NormalizationConfig['embedding'],
  'contexts' | 'contextPooling' | 'distance'
>;

/** Vectors of points, row by row, [points, dimension]: one matrix for each context that stands by itself. */
export type PointVectors = Float32Array[];

/** Points of a matrix product: so many are compared with a few dozen texts at once. */
const BLOCK = 16384;

/** The phase of the sentences that points are put into. */
export const EMBEDDING = 'sentences embedded';

/** Texts as vectors: in every context, then pooled as the settings say. With a context it is a phase of its own. */
export async function embedTexts(
  embedder: Embedder,
  texts: readonly string[],
  { contexts, contextPooling, distance }: EmbeddingSettings,
  context?: Context,
): Promise<PointVectors> {
  const { dimension } = embedder;
  const sentences = contexts.flatMap((context) => texts.map((text) => context.replace('{}', () => text)));
  const reached = context?.phase(EMBEDDING, sentences.length);
  const all = await embedder.embed(sentences, { reached });
  const size = texts.length * dimension;
  const apart = contexts.map((_, i) => all.subarray(i * size, (i + 1) * size));
  const pooled = contextPooling === 'best' ? apart.map((each) => each.slice()) : [average(apart)];
  if (distance === 'cosine') for (const matrix of pooled) normalizeRows(matrix, dimension);
  return pooled;
}

/** Adds the mean of each concept's points, as rows after them. Returns the concepts in the rows' order. */
export function addCentroids(
  vectors: PointVectors,
  points: readonly Point[],
  dimension: number,
  { distance }: EmbeddingSettings,
): { vectors: PointVectors; centroids: number[] } {
  const centroids = [...new Set(points.map(({ concept }) => concept))];
  const rowOf = new Map(centroids.map((concept, i) => [concept, points.length + i]));
  const counts = new Float64Array(centroids.length);
  for (const { concept } of points) counts[rowOf.get(concept)! - points.length]!++;
  const widened = vectors.map((matrix) => {
    const wide = new Float32Array(matrix.length + centroids.length * dimension);
    wide.set(matrix);
    points.forEach(({ concept }, point) => {
      const row = rowOf.get(concept)!;
      for (let d = 0; d < dimension; d++)
        wide[row * dimension + d]! += matrix[point * dimension + d]! / counts[row - points.length]!;
    });
    if (distance === 'cosine') normalizeRows(wide.subarray(matrix.length), dimension);
    return wide;
  });
  return { vectors: widened, centroids };
}

/**
 * A space of sentence embeddings, searched exactly: matrix products over blocks of points, which stay on the
 * engine. The engine must have been started.
 */
export function embeddingSpace(
  points: readonly Point[],
  centroids: readonly number[],
  vectors: PointVectors,
  embedder: Embedder,
  settings: EmbeddingSettings,
): Space {
  const { dimension } = embedder;
  const count = points.length + centroids.length;
  const blocks = vectors.map((matrix) => blocksOf(matrix, count, dimension));
  return {
    points,
    concepts: conceptsOfPoints(points, centroids),
    async similarities(texts) {
      const queries = await embedTexts(embedder, texts, settings);
      const results = texts.map(() => new Float32Array(count));
      for (const [context, matrix] of queries.entries()) {
        const query = tf.tensor2d(matrix, [texts.length, dimension]);
        for (const { rows, squares, from } of blocks[context]!) {
          const similarities = tf.tidy(() => similarityOf(query, rows, squares));
          const values = await take(similarities); // a tidy would look at every number of it
          const width = rows.shape[0]!;
          results.forEach((result, text) => {
            const own = values.subarray(text * width, (text + 1) * width);
            if (context === 0) result.set(own, from);
            else own.forEach((value, i) => (result[from + i] = Math.max(result[from + i]!, value)));
          });
        }
        query.dispose();
      }
      return results;
    },
    dispose() {
      for (const block of blocks.flat()) tf.dispose([block.rows, block.squares ?? []]);
      embedder.dispose();
    },
  };

  function blocksOf(matrix: Float32Array, rows: number, width: number): Block[] {
    const starts = Array.from({ length: Math.ceil(rows / BLOCK) }, (_, i) => i * BLOCK);
    return starts.map((from) => {
      const to = Math.min(rows, from + BLOCK);
      const block = tf.tensor2d(matrix.slice(from * width, to * width), [to - from, width]);
      if (settings.distance === 'cosine') return { rows: block, from };
      return { rows: block, from, squares: tf.tidy(() => tf.sum(tf.square(block), 1)) };
    });
  }
}

interface Block {
  rows: tf.Tensor2D;
  /** [rows] squared lengths; only for Euclidean distances. */
  squares?: tf.Tensor;
  from: number;
}

/** [texts, rows]: cosines, or 1 / (1 + distance). */
function similarityOf(query: tf.Tensor2D, rows: tf.Tensor2D, squares?: tf.Tensor): tf.Tensor {
  const products = product(query, rows, false, true);
  if (!squares) return products;
  const lengths = tf.sum(tf.square(query), 1, true); // [texts, 1]
  const squared = tf.relu(tf.sub(tf.add(lengths, squares), tf.mul(products, 2)));
  return tf.reciprocal(tf.add(tf.sqrt(squared), 1));
}

function average(matrices: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(matrices[0]!.length);
  for (const matrix of matrices)
    for (let i = 0; i < mean.length; i++) mean[i]! += matrix[i]! / matrices.length;
  return mean;
}

function normalizeRows(matrix: Float32Array, dimension: number): void {
  for (let row = 0; row < matrix.length; row += dimension) {
    let square = 0;
    for (let d = row; d < row + dimension; d++) square += matrix[d]! ** 2;
    if (square === 0) continue;
    const length = Math.sqrt(square);
    for (let d = row; d < row + dimension; d++) matrix[d]! /= length;
  }
}
