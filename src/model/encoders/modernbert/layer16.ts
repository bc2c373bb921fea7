import * as tf from '@tensorflow/tfjs-core';
import { activation } from '../../../ops/activation.js';
import { gather16, gelu16, linear16, matMul16, mul16, reshape16, split16, toBfloat16, toFloat32, transpose16 } from '../../../ops/bfloat16.js'; // prettier-ignore
import { applyMask, dropoutMask, type MaskSource } from '../../../ops/dropout.js';
import { gatherRows } from '../../../ops/gather.js';
import { layerNorm } from '../../../ops/layerNorm.js';
import { rotate, type Rotation } from '../../../ops/rotary.js';
import { tidy } from '../../../ops/tidy.js';
import type { ModernLayerOptions, ModernLayerWeights } from './layer.js';

/**
 * `modernLayer` where no gradients are wanted and products are in bfloat16: what goes from one product to the next
 * stays so. Sums of layers, norms, softmax and rotary positions are float32.
 */
export function modernLayer16(
  x: tf.Tensor,
  bias: tf.Tensor,
  turn: Rotation,
  weights: ModernLayerWeights,
  options: ModernLayerOptions,
  masks: MaskSource | undefined,
): tf.Tensor {
  return tidy(() => {
    const normalize = (input: tf.Tensor, weight: tf.Tensor) =>
      layerNorm(input, weight, undefined, options.epsilon).value;
    const { asked } = options;
    const all = tidy(() => {
      const attended = weights.attentionNorm ? normalize(x, weights.attentionNorm) : x;
      return attend(linear16(attended, weights.projections), bias, turn, options, masks);
    });
    const context = asked ? gather16(all, asked, 0) : all;
    const residual = asked ? gatherRows(x, asked) : x;
    const contextMask = dropoutMask(residual.shape, options.dropout, masks);
    const projected = applyMask(toFloat32(linear16(context, weights.attentionOut)), contextMask);
    const between = tf.add(residual, projected); // [n or asked, hidden]
    const gated = tidy(() => {
      const [wide, gate] = split16(linear16(normalize(between, weights.innerNorm), weights.inner), 2, 1) as [tf.Tensor, tf.Tensor]; // prettier-ignore
      const active =
        options.activation === 'gelu'
          ? gelu16(wide)
          : toBfloat16(activation(toFloat32(wide), options.activation));
      return mul16(active, gate); // [n, intermediate]
    });
    const gatedMask = dropoutMask(gated.shape, options.dropout, masks);
    const dropped = gatedMask ? toBfloat16(applyMask(toFloat32(gated), gatedMask)) : gated;
    const after = tf.add(between, toFloat32(linear16(dropped, weights.outer)));
    return weights.finalNorm ? normalize(after, weights.finalNorm) : after;
  });
}

/** Projections [n, 3*hidden] → [n, hidden], both in bfloat16. */
function attend(
  projected: tf.Tensor,
  bias: tf.Tensor,
  turn: Rotation,
  { batch, seq, heads, attentionDropout }: ModernLayerOptions,
  masks: MaskSource | undefined,
): tf.Tensor {
  const size = projected.shape[1]! / 3 / heads;
  const apart = transpose16(reshape16(projected, [batch, seq, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [q, k, v] = split16(apart, 3, 0).map((part) => reshape16(part, [batch, heads, seq, size])) as [tf.Tensor, tf.Tensor, tf.Tensor]; // prettier-ignore
  const turned = (part: tf.Tensor) => toBfloat16(rotate(toFloat32(part), turn));
  const scores = tf.mul(toFloat32(matMul16(turned(q), turned(k), true)), 1 / Math.sqrt(size));
  const weights: tf.Tensor = tf.softmax(tf.add(scores, bias)); // [batch, heads, seq, seq]
  const mask = dropoutMask(weights.shape, attentionDropout, masks);
  const output = matMul16(toBfloat16(applyMask(weights, mask)), v); // [batch, heads, seq, size]
  return reshape16(transpose16(output, [0, 2, 1, 3]), [batch * seq, heads * size]);
}
