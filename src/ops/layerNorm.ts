import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, hasOwnKernels, isBfloat16, isNative } from '../backend/native.js';
import { toBfloat16, toFloat32 } from './bfloat16.js';
import { sumRows } from './linear.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

export interface Normalized {
  /** [n, hidden], scaled and shifted. */
  value: tf.Tensor;
  /** [n, hidden], mean 0 and variance 1 in each row. */
  normal: tf.Tensor;
  /** [n, 1], one over the standard deviation. */
  inverse: tf.Tensor;
}

/** Layer normalisation over the rows of x [n, hidden] with weight and bias [hidden], or no bias (Ba et al. 2016). */
export function layerNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor | undefined,
  epsilon: number,
  kernel = fastestKernel(),
): Normalized {
  return tidy(() => {
    if (kernel === 'own') {
      const inputs = [x, weight, bias ?? tf.zeros([0])];
      const outputs = executeOp('HostLayerNorm', { epsilon: attribute.float(epsilon) }, inputs, 3);
      const [value, normal, inverse] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { value, normal, inverse };
    }
    const centred = tf.sub(x, rowMean(x)); // [n, hidden]
    const variance = rowMean(tf.square(centred)); // [n, 1]
    const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [n, 1]
    const normal = tf.mul(centred, inverse); // [n, hidden]
    const scaled = tf.mul(normal, weight);
    return { value: bias ? tf.add(scaled, bias) : scaled, normal, inverse };
  });
}

/**
 * The norm of x + residual [n, hidden], and the same rounded to bfloat16, for where no gradients are wanted. Native engine
 * only; one pass over memory where x is in bfloat16, on a CPU.
 */
export function addNorm16(
  x: tf.Tensor,
  residual: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number,
  kernel = fastestKernel(),
): { value: tf.Tensor; half: tf.Tensor } {
  return tidy(() => {
    if (kernel === 'own' && isBfloat16(x)) {
      const inputs = [x, residual, weight, bias];
      const [value, half] = executeOp('HostAddNorm16', { epsilon: attribute.float(epsilon) }, inputs, 2);
      return { value: value!, half: half! };
    }
    const { value } = layerNorm(tf.add(toFloat32(x), residual), weight, bias, epsilon, kernel);
    return { value, half: toBfloat16(value) };
  });
}

/** Gradients of `layerNorm` for dy [n, hidden], from what the forward pass kept. `bias: false` where it has none. */
export function layerNormGradient(
  dy: tf.Tensor,
  { normal, inverse }: Pick<Normalized, 'normal' | 'inverse'>,
  weight: tf.Tensor,
  wanted: { weights: boolean; bias?: boolean },
  kernel = fastestKernel(),
): { input: tf.Tensor; weight?: tf.Tensor; bias?: tf.Tensor } {
  return tidy(() => {
    const ofBias = wanted.weights && wanted.bias !== false;
    if (kernel === 'own') {
      const [input, dWeight, dBias] = executeOp('HostLayerNormGrad', {}, [dy, normal, inverse, weight], 3);
      return {
        input: input!,
        weight: wanted.weights ? dWeight : undefined,
        bias: ofBias ? dBias : undefined,
      };
    }
    const scaled = tf.mul(dy, weight); // [n, hidden]
    const along = rowMean(tf.mul(scaled, normal)); // [n, 1]
    const centred = tf.sub(tf.sub(scaled, rowMean(scaled)), tf.mul(normal, along));
    return {
      input: tf.mul(centred, inverse),
      weight: wanted.weights ? sumRows(tf.mul(dy, normal)) : undefined,
      bias: ofBias ? sumRows(dy) : undefined,
    };
  });
}

/** What computes: our own kernel (scripts/setup/host/layerNorm.h), one pass over memory on a CPU, or a composition of ops. */
type LayerNormKernel = 'own' | 'composed';

const fastestKernel = (): LayerNormKernel => (hasOwnKernels() && !isRecording() ? 'own' : 'composed');

/** [n, m] → [n, 1]. TensorFlow.js' own casts before it, to the type that there is. */
function rowMean(x: tf.Tensor): tf.Tensor {
  if (!isNative() || isRecording()) return tf.mean(x, -1, true);
  const attributes = {
    T: attribute.type('float32'),
    Tidx: attribute.type('int32'),
    keep_dims: attribute.bool(true),
  };
  return tidy(() => executeOp('Mean', attributes, [x, tf.scalar(x.rank - 1, 'int32')])[0]!);
}
