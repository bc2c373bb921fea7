import { applyMask, dropoutMask, type DropoutMask } from '../../ops/dropout.js';
import type { Trunk } from './trunk.js';

interface Saved {
  mask?: DropoutMask;
}

/** Nothing but dropout: the head stands on the encoder. */
export function noTrunk(hidden: number): Trunk<Saved> {
  return {
    width: hidden,
    parameters: [],
    forward(x, _input, _weights, { dropout, masks }) {
      const mask = dropoutMask(x.shape, dropout, masks);
      return { output: applyMask(x, mask), saved: { mask } };
    },
    gradient: (dy, { mask }, _input, _weights, wanted) => ({
      gradients: new Map(),
      input: wanted.input ? applyMask(dy, mask) : undefined,
    }),
  };
}
