import * as tf from '@tensorflow/tfjs-core';
import type { TokenizerOptions } from '../data/tokenizers/open.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { activation } from '../ops/activation.js';
import { gatherRows } from '../ops/gather.js';
import { layerNorm } from '../ops/layerNorm.js';
import { linear } from '../ops/linear.js';
import { asFactor, product } from '../ops/product.js';
import { tidy } from '../ops/tidy.js';
import { encode } from './encoders/encode.js';
import type { EncoderConfig, EncoderInput } from './encoders/family.js';
import { familyOf } from './encoders/registry.js';
import { asUsed, loadTensors } from './loadTensors.js';
import { wordTable, type Weights } from './part.js';
import { maskedLmParameters, openMaskedLmWeights } from './weights/maskedLm.js';

/** An encoder under its masked-LM head: transform, norm, and the word table as decoder, with a bias. */
export interface MaskedLm {
  config: EncoderConfig;
  weights: Weights;
  /** The word table as a factor of products. */
  decoder: tf.Tensor; // [vocabulary, hidden]
}

export interface OpenedMaskedLm extends MaskedLm {
  tokenizer: Tokenizer;
  /** All weights. */
  tensors: readonly tf.Tensor[];
  dispose(): void;
}

/** Positions whose logits over the whole vocabulary are computed together: 30 MB for 119,547 pieces. */
export const POSITIONS_AT_ONCE = 64;

/**
 * Puts a masked language model on the engine, each weight once, from the folders that `openWeights` takes.
 * @throws InputError where the weights have no masked-LM head, or the vocabulary is not theirs
 */
export async function openMaskedLm(folder: string, options?: TokenizerOptions): Promise<OpenedMaskedLm> {
  const { config, weights, tokenizer } = await openMaskedLmWeights(folder, options);
  const loaded = await loadTensors(weights, maskedLmParameters(config), asUsed).finally(() =>
    weights.close(),
  );
  const table = loaded.weights(wordTable(familyOf(config).parameters(config)).name);
  const decoder = asFactor(tf.clone(table));
  const dispose = () => {
    decoder.dispose();
    loaded.dispose();
  };
  return {
    config,
    tokenizer,
    weights: loaded.weights,
    decoder,
    tensors: [...loaded.tensors, decoder],
    dispose,
  };
}

/**
 * Logits at some positions → [positions, vocabulary].
 * @param positions flat: row of the batch * seq + column
 */
export function maskedLogits(lm: MaskedLm, input: EncoderInput, positions: Int32Array): tf.Tensor {
  return tidy(() => {
    const asked = tf.tensor1d(positions, 'int32');
    const { output } = encode(lm.config, lm.weights, input, { asked });
    return decode(lm, transform(lm.config, lm.weights, output));
  });
}

/**
 * For each position the log-probability of one piece, out of the softmax over the whole vocabulary
 * → [positions].
 * @param positions int32, as in `maskedLogits`; they are computed POSITIONS_AT_ONCE at a time
 * @param pieces int32 [positions]
 */
export function logProbabilities(
  lm: MaskedLm,
  input: EncoderInput,
  positions: tf.Tensor1D,
  pieces: tf.Tensor1D,
): tf.Tensor {
  return tidy(() => {
    const { output } = encode(lm.config, lm.weights, input, { asked: positions }); // [positions, hidden]
    const parts: tf.Tensor[] = [tf.zeros([0])];
    for (let first = 0; first < positions.size; first += POSITIONS_AT_ONCE)
      parts.push(
        tidy(() => {
          const count = Math.min(POSITIONS_AT_ONCE, positions.size - first);
          const hidden = tf.slice(output, [first, 0], [count, -1]);
          const logits = decode(lm, transform(lm.config, lm.weights, hidden)); // [count, vocabulary]
          const rows = tf.range(0, count, 1, 'int32');
          const asked = tf.add(
            tf.mul(rows, tf.scalar(lm.config.vocabularySize, 'int32')),
            tf.slice(pieces, [first], [count]),
          );
          const chosen = gatherRows(tf.reshape(logits, [-1, 1]), asked as tf.Tensor1D); // [count, 1]
          return tf.sub(tf.reshape(chosen, [count]), tf.logSumExp(logits, 1));
        }),
      );
    return tf.concat(parts);
  });
}

/** What the decoder multiplies, of the encoder's output at some positions [positions, hidden]. Call it in a `tidy`. */
export function transform(config: EncoderConfig, weights: Weights, output: tf.Tensor): tf.Tensor {
  const { dense, norm, activation: name } = familyOf(config).maskedLm(config);
  const valueOf = (parameter: string | undefined) =>
    parameter === undefined ? undefined : weights(parameter);
  const active = activation(linear(output, weights(dense.weight), valueOf(dense.bias)), name);
  return layerNorm(active, weights(norm.weight), valueOf(norm.bias), config.layerNormEpsilon).value;
}

/** [positions, hidden] → [positions, vocabulary] */
function decode({ config, weights, decoder }: MaskedLm, transformed: tf.Tensor): tf.Tensor {
  const bias = weights(familyOf(config).maskedLm(config).bias); // [vocabulary]
  return tf.add(product(transformed, decoder, false, true), bias);
}
