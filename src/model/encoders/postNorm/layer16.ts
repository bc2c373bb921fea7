import * as tf from '@tensorflow/tfjs-core';
import { activation } from '../../../ops/activation.js';
import { gather16, gelu16, linear16, toBfloat16, toFloat32 } from '../../../ops/bfloat16.js';
import { applyMask, dropoutMask, type DropoutMask, type MaskSource } from '../../../ops/dropout.js';
import { gatherRows } from '../../../ops/gather.js';
import { addNorm16 } from '../../../ops/layerNorm.js';
import { tidy } from '../../../ops/tidy.js';
import type { LayerOptions, LayerPart, LayerWeights } from './layer.js';

/** What a layer attends with, all in bfloat16: x [n, hidden] → [n, hidden], its projections of x included. */
export type SelfAttention16 = (x: tf.Tensor, masks: MaskSource | undefined) => tf.Tensor;

/**
 * `encoderLayer` where no gradients are wanted and products are in bfloat16: what goes from one product to the next
 * stays in bfloat16, and half as many bytes move. Sums of layers, norms and softmax are float32.
 */
export function encoderLayer16(
  x: tf.Tensor,
  attend: SelfAttention16,
  weights: LayerWeights,
  options: LayerOptions,
  masks: MaskSource | undefined,
): tf.Tensor {
  return tidy(() => {
    const project = (part: LayerPart, input: tf.Tensor) =>
      linear16(input, weights[part].weight, weights[part].bias);
    const addAndNorm = (part: 'attentionNorm' | 'outputNorm', input: tf.Tensor, residual: tf.Tensor) =>
      addNorm16(input, residual, weights[part].weight, weights[part].bias, options.epsilon);
    const dropped = (input: tf.Tensor, mask: DropoutMask | undefined) =>
      mask ? applyMask(toFloat32(input), mask) : input;

    const { asked } = options;
    const attended = tidy(() => attend(toBfloat16(x), masks));
    const context = asked ? gather16(attended, asked, 0) : attended;
    const residual = asked ? gatherRows(x, asked) : x;
    const rate = options.dropoutAfterAttention ? options.dropout : 0;
    const contextMask = dropoutMask(residual.shape, rate, masks);
    const projected = dropped(project('attentionOut', context), contextMask);
    const middle = addAndNorm('attentionNorm', projected, residual); // [n or asked, hidden]

    const inner = tidy(() => {
      const wide = project('inner', middle.half); // [n, intermediate]
      return options.activation === 'gelu' ? gelu16(wide) : activation(toFloat32(wide), options.activation);
    });
    const outerMask = dropoutMask(residual.shape, options.dropout, masks);
    return addAndNorm('outputNorm', dropped(project('outer', inner), outerMask), middle.value).value; // [n or asked, hidden]
  });
}
