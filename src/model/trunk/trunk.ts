import type * as tf from '@tensorflow/tfjs-core';
import type { MaskSource } from '../../ops/dropout.js';
import type { EncoderInput } from '../encoders/family.js';
import type { Gradients, ParameterSpec, Weights } from '../part.js';

/** A batch's shape and the pieces of each of its windows. */
export type TrunkInput = Omit<EncoderInput, 'rows'>;

/** What stands between the encoder and the head, with its dropouts. n = batch*seq. */
export interface Trunk<Saved = unknown> {
  /** Width of what it gives. */
  width: number;
  parameters: ParameterSpec[];
  /** hidden [n, hidden] → features [n, width]. No masks: no dropout. */
  forward(
    hidden: tf.Tensor,
    input: TrunkInput,
    weights: Weights,
    options: { dropout: number; masks?: MaskSource },
  ): { output: tf.Tensor; saved: Saved };
  /** Gradients for dy [n, width]: of its parameters and, where wanted, of `hidden`. */
  gradient(
    dy: tf.Tensor,
    saved: Saved,
    input: TrunkInput,
    weights: Weights,
    wanted: { input: boolean },
  ): { input?: tf.Tensor; gradients: Gradients };
}
