import * as tf from '@tensorflow/tfjs-core';
import { activation } from '../../ops/activation.js';
import { attention16 } from '../../ops/attention.js';
import { gelu16, linear16, toBfloat16, toFloat32 } from '../../ops/bfloat16.js';
import { applyMask, dropoutMask, type MaskSource } from '../../ops/dropout.js';
import { layerNorm } from '../../ops/layerNorm.js';
import { tidy } from '../../ops/tidy.js';
import type { LayerPart } from '../weights/names.js';
import type { LayerOptions, LayerWeights } from './layer.js';

/**
 * `encoderLayer` where no gradients are wanted and products are in bfloat16: what goes from one product to the next
 * stays in bfloat16, and half as many bytes move. Sums of layers, norms and softmax are float32.
 */
export function encoderLayer16(
  x: tf.Tensor,
  bias: tf.Tensor,
  weights: LayerWeights,
  options: LayerOptions,
  masks: MaskSource | undefined,
): tf.Tensor {
  return tidy(() => {
    const project = (part: LayerPart, input: tf.Tensor) =>
      linear16(input, weights[part].weight, weights[part].bias);
    const normalize = (part: 'attentionNorm' | 'outputNorm', input: tf.Tensor) =>
      layerNorm(input, weights[part].weight, weights[part].bias, options.epsilon).value;

    const context = tidy(() => {
      const rounded = toBfloat16(x);
      const [q, k, v] = [project('query', rounded), project('key', rounded), project('value', rounded)];
      return attention16(q, k, v, bias, options.shape, options.attentionDropout, masks);
    });
    const rate = options.dropoutAfterAttention ? options.dropout : 0;
    const contextMask = dropoutMask(x.shape, rate, masks);
    const projected = applyMask(toFloat32(project('attentionOut', context)), contextMask);
    const middle = normalize('attentionNorm', tf.add(projected, x)); // [n, hidden]

    const inner = tidy(() => {
      const wide = project('inner', middle); // [n, intermediate]
      return options.activation === 'gelu' ? gelu16(wide) : activation(toFloat32(wide), options.activation);
    });
    const outerMask = dropoutMask(x.shape, options.dropout, masks);
    const narrow = applyMask(toFloat32(project('outer', inner)), outerMask);
    return normalize('outputNorm', tf.add(narrow, middle)); // [n, hidden]
  });
}
