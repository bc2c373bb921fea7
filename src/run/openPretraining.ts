import type { Config } from '../config/schema.js';
import type { Context } from '../context.js';
import { randomFrom } from '../data/random.js';
import { familyOf } from '../model/encoders/registry.js';
import { asUsed, loadTensors } from '../model/loadTensors.js';
import { createSlots, disposeParameters, heldPart } from '../model/parameters.js';
import { compilerHere } from '../ops/compiler.js';
import type { Pretraining } from '../train/pretraining.js';
import { trainableParts } from '../train/schedule.js';
import type { PreparedPretraining } from './preparePretraining.js';

/** Puts a pretraining on the engine, with its teacher, where it has one. */
export async function openPretraining(
  { pretraining, encoder: settings, training, seed }: Config,
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
    const compiler = compilerHere(context);
    if (compiler) opened.push(() => compiler.dispose());
    return {
      dispose,
      training: {
        config: encoder,
        slots,
        held,
        seed,
        batches,
        compiler,
        options: training,
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
function openTeacher(
  { config, weights: file }: PreparedPretraining['whole'],
  held: PreparedPretraining['held'],
): ReturnType<typeof loadTensors> {
  return loadTensors(file, familyOf(config).parameters(config), (read, spec) => {
    const { values, shape } = heldPart(read, spec, held);
    return asUsed(values, { ...spec, shape });
  });
}
