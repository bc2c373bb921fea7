import type * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  attention16,
  attentionGradient,
  type AttentionSaved,
  type AttentionShape,
} from '../../../ops/attention.js';
import { linear16 } from '../../../ops/bfloat16.js';
import { linear, linearGradient } from '../../../ops/linear.js';
import { pair, type Projections, type SelfAttention } from './layer.js';
import type { SelfAttention16 } from './layer16.js';

type Triple = [tf.Tensor, tf.Tensor, tf.Tensor];

/**
 * Scaled dot-product attention of BERT and its kin.
 * @param bias [batch, 1, 1, seq]: 0 for pieces and very negative for padding
 */
export function dotProductAttention(
  { query, key, value }: Projections,
  bias: tf.Tensor,
  shape: AttentionShape,
  dropout: number,
): SelfAttention<AttentionSaved> {
  return {
    forward(x, masks, save) {
      const [q, k, v] = [query, key, value].map(({ weight, bias }) => linear(x, weight, bias)) as Triple;
      return attention(q, k, v, bias, shape, dropout, masks, save);
    },
    gradient(dy, saved, x, wanted) {
      const d = attentionGradient(dy, saved, shape);
      const ofQuery = linearGradient(d.query, x, query.weight, wanted);
      const ofKey = linearGradient(d.key, x, key.weight, wanted);
      const ofValue = linearGradient(d.value, x, value.weight, wanted);
      const weights = { query: pair(ofQuery), key: pair(ofKey), value: pair(ofValue) } as Projections;
      return {
        inputs: wanted.input ? [ofQuery.input!, ofKey.input!, ofValue.input!] : [],
        weights: wanted.weights ? weights : undefined,
      };
    },
  };
}

/** The same in bfloat16, for `encoderLayer16`. */
export function dotProductAttention16(
  { query, key, value }: Projections,
  bias: tf.Tensor,
  shape: AttentionShape,
  dropout: number,
): SelfAttention16 {
  return (x, masks) => {
    const [q, k, v] = [query, key, value].map((part) => linear16(x, part.weight, part.bias)) as Triple;
    return attention16(q, k, v, bias, shape, dropout, masks);
  };
}
