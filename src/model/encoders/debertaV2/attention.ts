import * as tf from '@tensorflow/tfjs-core';
import {
  attendHeads,
  attendHeadsGradient,
  mergeHeads,
  splitHeads,
  type HeadsSaved,
  type AttentionShape,
} from '../../../ops/attention.js';
import { applyMask, dropoutMask, type DropoutMask } from '../../../ops/dropout.js';
import { linear, linearGradient, type LinearGradient } from '../../../ops/linear.js';
import { tidy } from '../../../ops/tidy.js';
import { pair, type Pair, type Projections, type SelfAttention } from '../postNorm/layer.js';
import { positionScores, positionScoresGradient, type PairRows } from './distances.js';

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
  heads: HeadsSaved;
  tableMask?: DropoutMask; // [count, hidden]
  keys?: tf.Tensor; // of positions [1, heads, 2*seq - 1, size]
  queries?: tf.Tensor; // of positions, scaled [1, heads, 2*seq - 1, size]
}

type Weights = Projections & PositionProjections;

/**
 * Disentangled attention (He et al. 2021): besides each other's contents, a query scores how far the key is (by
 * `positionKey`), and a key how far the query is (by `positionQuery`). Keys and values run backwards, so that
 * `byPair` can arrange the scores.
 */
export function disentangledAttention(
  weights: Projections,
  { positionKey, positionQuery }: PositionProjections,
  { bias, mirror, table }: Surroundings,
  { shape, scale, sharedProjections, dropout, attentionDropout }: DisentangledOptions,
): SelfAttention<DisentangledSaved, Weights> {
  const distances = { batch: 1, seq: 2 * shape.seq - 1, heads: shape.heads };

  return {
    forward(x, masks) {
      const project = (input: tf.Tensor, by: Pair) => splitHeads(linear(input, by.weight, by.bias), shape);
      const mirrored = tf.gather(x, mirror);
      const query = tf.mul(project(x, weights.query), scale);
      const key = project(mirrored, weights.key);
      const value = project(mirrored, weights.value);

      const tableMask = table && dropoutMask(table.value.shape, dropout, masks);
      const dropped = table && applyMask(table.value, tableMask);
      const ofTable = (by: Pair) =>
        tidy(() => splitHeads(tf.gather(linear(dropped!, by.weight, by.bias), table!.order), distances));
      const keys = positionKey && ofTable(positionKey);
      const queries = positionQuery && tf.mul(ofTable(positionQuery), scale);
      const added = tidy(() => {
        const ofQueries = keys && positionScores(query, keys, table!.pairs); // [batch, heads, seq, seq]
        const ofKeys = queries && flipped(positionScores(key, queries, table!.pairs));
        return [ofQueries, ofKeys].reduce<tf.Tensor>((sum, one) => (one ? tf.add(one, sum) : sum), bias);
      });
      const { output, saved: heads } = attendHeads({ query, key, value }, added, attentionDropout, masks);
      return {
        output: mergeHeads(output),
        saved: { heads, tableMask, keys, queries },
      };
    },

    gradient(dy, { heads, tableMask, keys, queries }, x, wanted) {
      const inPairs = { positions: wanted.weights || wanted.shared };
      const d = tidy(() => {
        const { scores, ...content } = attendHeadsGradient(splitHeads(dy, shape), heads);
        const far = keys && positionScoresGradient(scores, heads.query, keys, table!.pairs, inPairs);
        const near =
          queries && positionScoresGradient(flipped(scores), heads.key, queries, table!.pairs, inPairs);
        return {
          query: tf.mul(mergeHeads(far ? tf.add(content.query, far.x) : content.query), scale), // [n, hidden]
          key: mergeHeads(near ? tf.add(content.key, near.x) : content.key),
          value: mergeHeads(content.value),
          keys: far?.positions && mergeHeads(far.positions), // [2*seq - 1, hidden]
          queries: near?.positions && tf.mul(mergeHeads(near.positions), scale),
        };
      });

      const mirrored = tf.gather(x, mirror);
      const query = linearGradient(d.query, x, weights.query.weight, wanted);
      const key = linearGradient(d.key, mirrored, weights.key.weight, wanted);
      const value = linearGradient(d.value, mirrored, weights.value.weight, wanted);

      const dropped = table && applyMask(table.value, tableMask);
      const ofTable = (dRows: tf.Tensor, { weight }: Pair) =>
        linearGradient(tf.unsortedSegmentSum(dRows, table!.order, dropped!.shape[0]!), dropped!, weight, {
          input: wanted.shared,
          weights: wanted.weights,
        });
      const parts = {
        positionKey: d.keys && ofTable(d.keys, positionKey!),
        positionQuery: d.queries && ofTable(d.queries, positionQuery!),
      };
      const ofShared = Object.values(parts).flatMap((part) => part?.input ?? []); // [count, hidden]
      return {
        inputs: wanted.input ? [query.input!, tf.gather(tf.add(key.input!, value.input!), mirror)] : [],
        shared: ofShared.length > 0 ? applyMask(tf.addN(ofShared), tableMask) : undefined,
        weights: wanted.weights
          ? weightGradients({ query, key, value }, parts, sharedProjections)
          : undefined,
      };
    },
  };
}

/** Scores with queries and keys exchanged. */
function flipped(scores: tf.Tensor): tf.Tensor {
  return tf.transpose(scores, [0, 1, 3, 2]);
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
      positionKey: positionKey && (pair(positionKey) as Pair),
      positionQuery: positionQuery && (pair(positionQuery) as Pair),
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
