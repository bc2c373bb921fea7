import * as tf from '@tensorflow/tfjs-core';
import {
  attendHeads,
  attendHeadsGradient,
  mergeHeads,
  splitHeads,
  type AttentionSaved,
  type AttentionShape,
} from '../../../ops/attention.js';
import { applyMask, dropoutMask } from '../../../ops/dropout.js';
import { linear, linearGradient, type LinearGradient } from '../../../ops/linear.js';
import { tidy } from '../../../ops/tidy.js';
import { pair, type Pair, type Projections, type SelfAttention } from '../postNorm/layer.js';
import { byPair, byPairGradient, type PairRows } from './distances.js';

/** What all layers see. */
export interface Surroundings {
  /** [batch, 1, 1, seq], the keys backwards: 0 for pieces and very negative for padding. */
  bias: tf.Tensor;
  /** [batch*seq]: of each piece, the one as far from its row's end as it is from the beginning. */
  mirror: tf.Tensor1D;
  /** The positions in reach; undefined where they are not relative. */
  table?: {
    value: tf.Tensor; // [count, hidden]
    order: tf.Tensor1D; // [2*seq - 1]: rows by distance
    pairs: PairRows;
  };
}

/** Projections of the table: the pieces' own ones where these are shared. */
export interface PositionProjections {
  positionKey?: Pair;
  positionQuery?: Pair;
}

export interface DisentangledOptions {
  shape: AttentionShape;
  /** Of scores. */
  scale: number;
  /** Whether the table is projected by `query` and `key` themselves. */
  sharedProjections: boolean;
  dropout: number;
  attentionDropout: number;
}

export interface DisentangledSaved {
  heads: AttentionSaved;
  tableMask?: tf.Tensor; // [count, hidden]
  key?: tf.Tensor; // of positions [heads, 2*seq - 1, size]
  query?: tf.Tensor; // of positions, scaled [heads, 2*seq - 1, size]
}

type Weights = Projections & PositionProjections;

/**
 * Disentangled attention (He et al. 2021): besides each other's contents, a query scores how far the key is (by
 * `positionKey`), and a key how far the query is (by `positionQuery`). Keys and values run backwards, so that
 * `byPair` can arrange the scores.
 */
export function disentangledAttention(
  weights: Projections,
  positions: PositionProjections,
  { bias, mirror, table }: Surroundings,
  { shape, scale, sharedProjections, dropout, attentionDropout }: DisentangledOptions,
): SelfAttention<DisentangledSaved, Weights> {
  const ofTable = (x: tf.Tensor, { weight, bias: shift }: Pair): tf.Tensor => {
    const rows = tf.gather(linear(x, weight, shift), table!.order); // [2*seq - 1, hidden]
    return tf.transpose(tf.reshape(rows, [rows.shape[0]!, shape.heads, -1]), [1, 0, 2]);
  };

  return {
    forward(x, masks) {
      const project = (input: tf.Tensor, { weight, bias: shift }: Pair) =>
        splitHeads(linear(input, weight, shift), shape); // [batch, heads, seq, size]
      const mirrored = tf.gather(x, mirror);
      const content = {
        query: tf.mul(project(x, weights.query), scale),
        key: project(mirrored, weights.key),
        value: project(mirrored, weights.value),
      };
      const tableMask = table && dropoutMask(table.value.shape, dropout, masks);
      const dropped = table && applyMask(table.value, tableMask);
      const key = positions.positionKey && ofTable(dropped!, positions.positionKey);
      const query = positions.positionQuery && tf.mul(ofTable(dropped!, positions.positionQuery), scale);
      const added = tidy(() => {
        const score = (ofPieces: tf.Tensor, ofPositions: tf.Tensor) =>
          byPair(tf.matMul(ofPieces, tf.expandDims(ofPositions, 0), false, true), table!.pairs);
        const ofQueries = key && score(content.query, key);
        const ofKeys = query && tf.transpose(score(content.key, query), [0, 1, 3, 2]);
        return [ofQueries, ofKeys].reduce<tf.Tensor>((sum, one) => (one ? tf.add(one, sum) : sum), bias);
      });
      const { output, saved: heads } = attendHeads(content, added, attentionDropout, masks);
      const saved = { heads, ...(tableMask && { tableMask }), ...(key && { key }), ...(query && { query }) };
      return { output: mergeHeads(output), saved };
    },

    gradient(dy, { heads, tableMask, key, query }, x, wanted) {
      const content = attendHeadsGradient(splitHeads(dy, shape), heads);
      const isTableWanted = wanted.weights || wanted.shared;
      /** Of the pieces' side of scores by distance, and of the positions' [2*seq - 1, hidden]. */
      const ofScores = (dPairs: tf.Tensor, ofPieces: tf.Tensor, ofPositions: tf.Tensor) =>
        tidy(() => {
          const d = byPairGradient(dPairs, table!.pairs); // [batch, heads, seq, 2*seq - 1]
          const rows = isTableWanted && tf.sum(tf.matMul(d, ofPieces, true, false), 0); // [heads, 2*seq - 1, size]
          return {
            pieces: tf.matMul(d, tf.expandDims(ofPositions, 0)),
            ...(rows && { table: mergePositions(rows) }),
          };
        });
      const far = key && ofScores(content.scores, heads.query, key);
      const near = query && ofScores(tf.transpose(content.scores, [0, 1, 3, 2]), heads.key, query);
      const dQuery = mergeHeads(tf.mul(far ? tf.add(content.query, far.pieces) : content.query, scale));
      const dKey = mergeHeads(near ? tf.add(content.key, near.pieces) : content.key);

      const mirrored = tf.gather(x, mirror);
      const ofQuery = linearGradient(dQuery, x, weights.query.weight, wanted);
      const ofKey = linearGradient(dKey, mirrored, weights.key.weight, wanted);
      const ofValue = linearGradient(mergeHeads(content.value), mirrored, weights.value.weight, wanted);
      const projections = { query: ofQuery, key: ofKey, value: ofValue };

      const dropped = table && applyMask(table.value, tableMask);
      const ofTable = (d: tf.Tensor, { weight }: Pair) =>
        linearGradient(tf.unsortedSegmentSum(d, table!.order, dropped!.shape[0]!), dropped!, weight, {
          input: wanted.shared,
          weights: wanted.weights,
        });
      const parts = isTableWanted
        ? {
            ...(far && { positionKey: ofTable(far.table!, positions.positionKey!) }),
            ...(near && { positionQuery: ofTable(tf.mul(near.table!, scale), positions.positionQuery!) }),
          }
        : {};
      const inputs = Object.values(parts).flatMap(({ input }) => input ?? []);
      return {
        inputs: wanted.input ? [ofQuery.input!, tf.gather(tf.add(ofKey.input!, ofValue.input!), mirror)] : [],
        ...(inputs.length && { shared: applyMask(tf.addN(inputs), tableMask) }),
        ...(wanted.weights && { weights: weightGradients(projections, parts, sharedProjections) }),
      };
    },
  };
}

type Parts = { positionKey?: LinearGradient; positionQuery?: LinearGradient };

function weightGradients(
  { query, key, value }: Record<keyof Projections, LinearGradient>,
  { positionKey, positionQuery }: Parts,
  shared: boolean,
): Weights {
  if (!shared)
    return {
      ...({ query: pair(query), key: pair(key), value: pair(value) } as Projections),
      ...(positionKey && { positionKey: pair(positionKey) as Pair }),
      ...(positionQuery && { positionQuery: pair(positionQuery) as Pair }),
    };
  return {
    query: both(query, positionQuery),
    key: both(key, positionKey),
    value: pair(value) as Pair,
  };
}

function both(one: LinearGradient, other: LinearGradient | undefined): Pair {
  if (!other) return pair(one) as Pair;
  return { weight: tf.add(one.weight!, other.weight!), bias: tf.add(one.bias!, other.bias!) };
}

/** [heads, positions, size] → [positions, hidden] */
function mergePositions(x: tf.Tensor): tf.Tensor {
  const [heads, positions, size] = x.shape as [number, number, number];
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [positions, heads * size]);
}
