import * as tf from '@tensorflow/tfjs-core';
import type { Reached } from '../context.js';
import { bucketBatches, type Batch } from '../data/batches.js';
import type { Example, Window } from '../data/examples.js';
import { randomFrom } from '../data/random.js';
import { spanPieces } from '../data/spanPieces.js';
import { gateLogits, gateShapes, type GateWeights } from '../model/gate.js';
import { filled, uniform } from '../model/part.js';
import { sizeOf } from '../model/weights/weightFile.js';
import { adamNumbers, adamSlot, adamUpdate, type AdamSlot } from '../ops/adam.js';
import { tidy } from '../ops/tidy.js';
import { variable } from '../ops/variable.js';
import { eachBatch } from '../predict/batches.js';
import { gateOf, lowerStates, realOf } from '../predict/gate.js';
import type { Predictor } from '../predict/predictor.js';

/** At the first step; it falls to nothing. */
const RATE = 1e-3;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** A piece's logit before anything is learned: few stand in a span. */
const PRIOR = -4;

/**
 * Trains a gate on what a layer of a trained model puts out, in one pass over windows of labelled examples: binary
 * cross-entropy of each piece that is scored, whose label is whether it stands inside of a span of any task. The model
 * stays as it is. Returns the gate's parameters on the engine.
 */
export async function trainGate(
  predictor: Predictor,
  layer: number,
  { examples, windows }: { examples: readonly Example[]; windows: readonly Window[] },
  seed: number,
  reached: Reached,
): Promise<GateWeights> {
  const random = randomFrom(seed);
  const { hidden } = predictor.model.encoder;
  const shapes = gateShapes(hidden);
  const initial = {
    inner: uniform(hidden ** -0.5),
    outer: uniform(shapes.inner[0]! ** -0.5),
    innerBias: filled(0),
    outerBias: filled(PRIOR),
  };
  const slots = gateOf((part) => {
    const values = tf.tensor(initial[part](sizeOf(shapes[part]), random), shapes[part]);
    const slot = adamSlot(variable(`gate.${part}`, values));
    values.dispose();
    return slot;
  });
  const inside = examples.map(insideSpans);
  const chunks = bucketBatches(windows, predictor.batchSize, random);
  const states = (batch: Batch, isFirst: boolean | undefined) =>
    Promise.resolve(lowerStates(predictor, layer, batch, isFirst));
  try {
    let done = 0;
    for await (const { batch, outputs: hidden } of eachBatch(predictor, chunks, examples, states)) {
      const rate = RATE * (1 - done / windows.length);
      if (batch.real.includes(1)) learn(slots, hidden, batch, inside, rate);
      hidden.dispose();
      done += batch.batch;
      await reached(done);
    }
    return gateOf((part) => slots[part].weight.read());
  } finally {
    for (const { weight, first, second } of Object.values(slots))
      for (const each of [weight, first, second]) each.dispose();
  }
}

/** One step of Adam. */
function learn(
  slots: GateWeights<AdamSlot>,
  hidden: tf.Tensor,
  batch: Batch,
  inside: readonly Uint8Array[],
  rate: number,
): void {
  tidy(() => {
    const labels = tf.tensor1d(labelsOf(batch, inside), 'float32');
    const real = realOf(batch);
    const all = Object.values(slots);
    const loss = (...parts: tf.Tensor[]) =>
      tf.losses.sigmoidCrossEntropy(
        labels,
        gateLogits(
          hidden,
          gateOf((_, i) => parts[i]!),
        ),
        real,
      ) as tf.Scalar;
    const gradients = tf.grads(loss)(all.map(({ weight }) => weight.read()));
    for (const [i, slot] of all.entries()) {
      const numbers = adamNumbers(++slot.updates, { rate, decay: 0 }, ADAM);
      adamUpdate(slot, gradients[i]!, numbers, { ...ADAM, decays: false });
    }
  });
}

/** [batch*seq] */
function labelsOf({ windows, batch, seq }: Batch, inside: readonly Uint8Array[]): Float32Array {
  const labels = new Float32Array(batch * seq);
  for (const [row, { document, start, end }] of windows.entries())
    labels.set(inside[document]!.subarray(start, end), row * seq + 1);
  return labels;
}

/** [pieces]: 1 for those that overlap a span of any task. */
function insideSpans({ encoded, spans }: Example): Uint8Array {
  const inside = new Uint8Array(encoded.ids.length);
  for (const span of Object.values(spans).flat())
    for (const piece of spanPieces(encoded, span)) inside[piece] = 1;
  return inside;
}
