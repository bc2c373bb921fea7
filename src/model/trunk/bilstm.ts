import type * as tf from '@tensorflow/tfjs-core';
import { applyMask, dropoutMask, type DropoutMask } from '../../ops/dropout.js';
import { bilstm, bilstmGradient, type BilstmSaved } from '../../ops/lstm.js';
import type { LstmWeights } from '../../ops/lstmCells.js';
import { tidy } from '../../ops/tidy.js';
import { uniform, type Initial, type ParameterSpec, type Weights } from '../part.js';
import type { Trunk } from './trunk.js';

interface Saved {
  inputMask?: DropoutMask;
  bilstm: BilstmSaved;
  featuresMask?: DropoutMask;
}

const DIRECTIONS = ['', '_reverse'] as const;

/** A bidirectional LSTM with dropout before and after it; parameters are named as PyTorch's nn.LSTM names them. */
export function bilstmTrunk(hidden: number, units: number): Trunk<Saved> {
  return {
    width: 2 * units,
    parameters: specs(hidden, units),
    forward: (x, input, weights, { dropout, masks }) =>
      tidy(() => {
        const inputMask = dropoutMask(x.shape, dropout, masks);
        const lstm = bilstm(applyMask(x, inputMask), input.lengths, lstmWeights(weights), input);
        const featuresMask = dropoutMask(lstm.output.shape, dropout, masks);
        const saved: Saved = {
          inputMask,
          bilstm: lstm.saved,
          featuresMask,
        };
        return { output: applyMask(lstm.output, featuresMask), saved }; // [n, 2*units]
      }),
    gradient(dy, saved, input, weights, wanted) {
      const { parts, input: dInput } = tidy(() => {
        const dFeatures = applyMask(dy, saved.featuresMask); // [n, 2*units]
        const lstm = bilstmGradient(dFeatures, saved.bilstm, lstmWeights(weights), input, wanted);
        const named = DIRECTIONS.flatMap((direction, index): [string, tf.Tensor][] => {
          const gradient = lstm.weights[index]!;
          return [
            [`bilstm.weight_ih_l0${direction}`, gradient.input],
            [`bilstm.weight_hh_l0${direction}`, gradient.recurrent],
            [`bilstm.bias_l0${direction}`, gradient.bias],
          ];
        });
        return { parts: named, input: lstm.input && applyMask(lstm.input, saved.inputMask) };
      });
      return { input: dInput, gradients: new Map(parts) };
    },
  };
}

/** Weights start as PyTorch's, biases at 0 but for the forget gate, which starts open (Jozefowicz et al. 2015). */
function specs(hidden: number, units: number): ParameterSpec[] {
  const initial = uniform(1 / Math.sqrt(units));
  const openForget: Initial = (size) => new Float32Array(size).fill(1, units, 2 * units);
  return DIRECTIONS.flatMap((direction): ParameterSpec[] => [
    { name: `bilstm.weight_ih_l0${direction}`, shape: [4 * units, hidden], initial, group: 'new' },
    { name: `bilstm.weight_hh_l0${direction}`, shape: [4 * units, units], initial, group: 'new' },
    { name: `bilstm.bias_l0${direction}`, shape: [4 * units], initial: openForget, group: 'new' },
  ]);
}

function lstmWeights(weights: Weights): [LstmWeights, LstmWeights] {
  const [forward, reverse] = DIRECTIONS.map((direction) => ({
    input: weights(`bilstm.weight_ih_l0${direction}`),
    recurrent: weights(`bilstm.weight_hh_l0${direction}`),
    bias: weights(`bilstm.bias_l0${direction}`),
  }));
  return [forward!, reverse!];
}
