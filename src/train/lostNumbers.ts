import { NotFinite } from '../model/finite.js';

/** Which step of a training, and the encoder's rate in it. */
export interface StepPlace {
  epoch: number;
  /** In all, from 1. */
  step: number;
  rate: number;
}

/** A training whose loss or gradient is no number any more: whatever it computes from there on is none. */
export class LostNumbers extends NotFinite {
  /** `what` is none, as a clause: "the loss is NaN". */
  constructor({ epoch, step, rate }: StepPlace, what: string, options?: ErrorOptions) {
    super(
      `The training lost its numbers in step ${step} (epoch ${epoch}), where the rate is ${rate}: ${what}; ` +
        'start a new run with a lower rate (training.epochs.rate, or that of training.schedule) or a longer training.warmupSteps',
      options,
    );
  }
}
