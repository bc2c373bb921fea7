import * as tf from '@tensorflow/tfjs-core';
import type { TokenizerOptions } from '../data/tokenizers/open.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { activation } from '../ops/activation.js';
import { layerNorm } from '../ops/layerNorm.js';
import { linear } from '../ops/linear.js';
import { product } from '../ops/product.js';
import { tidy } from '../ops/tidy.js';
import { encode } from './encoders/encode.js';
import type { EncoderConfig, EncoderInput } from './encoders/family.js';
import { familyOf } from './encoders/registry.js';
import { loadTensors } from './loadTensors.js';
import { wordTable, type Weights } from './part.js';
import { maskedLmParameters, openMaskedLmWeights } from './weights/maskedLm.js';

/** An encoder under its masked-LM head: transform, norm, and the word table as decoder, with a bias. */
export interface MaskedLm {
  config: EncoderConfig;
  weights: Weights;
}

export interface OpenedMaskedLm extends MaskedLm {
  tokenizer: Tokenizer;
  dispose(): void;
}

/** Positions whose logits over the whole vocabulary are held at once: 30 MB for 119,547 pieces. */
const POSITIONS_AT_ONCE = 64;

/**
 * Puts a masked language model on the engine, each weight once, from the folders that `openWeights` takes.
 * @throws InputError where the weights have no masked-LM head, or the vocabulary is not theirs
 */
export async function openMaskedLm(folder: string, options?: TokenizerOptions): Promise<OpenedMaskedLm> {
  const { config, weights, tokenizer } = await openMaskedLmWeights(folder, options);
  const loaded = await loadTensors(weights, maskedLmParameters(config)).finally(() => weights.close());
  return { config, tokenizer, ...loaded };
}

/**
 * Logits at some positions → [positions, vocabulary], or [positions, candidates] where only these pieces are
 * asked for: no other row of the table is multiplied.
 * @param positions flat: row of the batch * seq + column
 */
export function maskedLogits(
  lm: MaskedLm,
  input: EncoderInput,
  positions: Int32Array,
  candidates?: Int32Array,
): tf.Tensor {
  return tidy(() => {
    const { output } = encode(lm.config, lm.weights, input);
    return decode(lm, transform(lm, output, positions), candidates);
  });
}

/**
 * For each position the log-probability of one piece, out of the softmax over the whole vocabulary
 * → [positions].
 */
export function logProbabilities(
  lm: MaskedLm,
  input: EncoderInput,
  positions: Int32Array,
  pieces: Int32Array,
): tf.Tensor {
  return tidy(() => {
    const { output } = encode(lm.config, lm.weights, input);
    const transformed = transform(lm, output, positions); // [positions, hidden]
    output.dispose();
    const parts: tf.Tensor[] = [tf.zeros([0])];
    for (let first = 0; first < positions.length; first += POSITIONS_AT_ONCE)
      parts.push(
        tidy(() => {
          const count = Math.min(POSITIONS_AT_ONCE, positions.length - first);
          const { hidden, vocabularySize } = lm.config;
          const logits = decode(lm, tf.slice(transformed, [first, 0], [count, hidden])); // [count, vocabulary]
          const asked = Array.from(
            pieces.subarray(first, first + count),
            (piece, i) => i * vocabularySize + piece,
          );
          const chosen = tf.gather(tf.reshape(logits, [-1]), tf.tensor1d(asked, 'int32')); // [count]
          return tf.sub(chosen, tf.logSumExp(logits, 1));
        }),
      );
    return tf.concat(parts);
  });
}

/** What the decoder multiplies, of the encoder's output [batch*seq, hidden] → [positions, hidden]. */
function transform({ config, weights }: MaskedLm, output: tf.Tensor, positions: Int32Array): tf.Tensor {
  const { dense, norm, activation: name } = familyOf(config).maskedLm(config);
  const valueOf = (parameter: string | undefined) =>
    parameter === undefined ? undefined : weights(parameter);
  const chosen = tf.gather(output, tf.tensor1d(positions, 'int32')); // [positions, hidden]
  const active = activation(linear(chosen, weights(dense.weight), valueOf(dense.bias)), name);
  return layerNorm(active, weights(norm.weight), valueOf(norm.bias), config.layerNormEpsilon).value;
}

/** [positions, hidden] → [positions, vocabulary or candidates] */
function decode({ config, weights }: MaskedLm, transformed: tf.Tensor, candidates?: Int32Array): tf.Tensor {
  const family = familyOf(config);
  const table = weights(wordTable(family.parameters(config)).name); // [vocabulary, hidden]
  const bias = weights(family.maskedLm(config).bias); // [vocabulary]
  if (!candidates) return tf.add(product(transformed, table, false, true), bias);
  const ids = tf.tensor1d(candidates, 'int32');
  return tf.add(product(transformed, tf.gather(table, ids), false, true), tf.gather(bias, ids));
}
