import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { randomFrom } from '../data/random.js';
import { familyOf } from '../model/encoders/registry.js';
import { createSlots, disposeParameters, heldPart } from '../model/parameters.js';
import type { Weights } from '../model/part.js';
import { compilerHere } from '../ops/compiler.js';
import { asFactor } from '../ops/product.js';
import type { Pretraining } from '../train/pretraining.js';
import { trainableParts } from '../train/schedule.js';
import type { PreparedPretraining } from './preparePretraining.js';

/** Puts a pretraining on the engine, with its teacher, where it has one. */
export async function openPretraining(
  { pretraining, encoder: settings, training, backend, seed }: Config,
  { encoder, specs, source, held, whole, batches }: PreparedPretraining,
  context: Context,
): Promise<{ training: Pretraining; dispose(): void }> {
  const opened: (() => void)[] = [];
  const dispose = () => opened.splice(0).forEach((one) => one());
  try {
    const slots = await createSlots(specs, held, source, randomFrom(seed));
    opened.push(() => disposeParameters({ slots }));
    const teacher = pretraining.teacher > 0 ? await openTeacher(whole, held) : undefined;
    if (teacher) opened.push(teacher.dispose);
    const compiler = backend.compile ? compilerHere(context) : undefined;
    if (compiler) opened.push(() => compiler.dispose());
    return {
      dispose,
      training: {
        ...{ config: encoder, slots, held, seed, batches, compiler, options: training },
        teacher: teacher && { ...teacher, config: whole.config, weight: pretraining.teacher },
        trainable: trainableParts(pretraining.frozen, encoder.layers),
        dropout: { dropout: settings.dropout, attentionDropout: settings.attentionDropout },
        rate: {
          highest: pretraining.rate,
          warmupSteps: Math.round(pretraining.warmupShare * batches.length),
          rateDecay: 'linear',
        },
      },
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** All layers, of the word table the rows that are held. */
async function openTeacher(
  { config, weights: file }: PreparedPretraining['whole'],
  held: PreparedPretraining['held'],
): Promise<{ weights: Weights; tensors: tf.Tensor[]; dispose(): void }> {
  const tensors = new Map<string, tf.Tensor>();
  const dispose = () => tf.dispose([...tensors.values()]);
  try {
    for (const spec of familyOf(config).parameters(config)) {
      const { values, shape } = heldPart(await file.read(spec.name), spec, held);
      const tensor = tf.tensor(values, shape, 'float32');
      tensors.set(spec.name, spec.use === 'factor' ? asFactor(tensor) : tensor);
    }
    return { weights: (name) => tensors.get(name)!, tensors: [...tensors.values()], dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
