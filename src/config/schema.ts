import { z } from 'zod';
import { NORM } from './choices.js';
import { augmentationSchema } from './sections/augmentation.js';
import { backendSchema } from './sections/backend.js';
import { dataSchema } from './sections/data.js';
import { decodingSchema } from './sections/decoding.js';
import { encoderSchema } from './sections/encoder.js';
import { modelSchema } from './sections/model.js';
import { normalizationSchema } from './sections/normalization.js';
import { pretrainingSchema } from './sections/pretraining.js';
import { taskSchema } from './sections/tasks.js';
import { trainingSchema } from './sections/training.js';

/** A whole config file. Every option has a default but the corpus and the tasks. */
export const configSchema = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(0x7fffffff)
    .default(1)
    .describe('seed of the split, of new examples, the order of windows, dropout and initialisation'),
  tasks: z
    .record(
      z.string().regex(/^[A-Za-z]\w*$/, 'a task is named with letters, digits and _, a letter first'),
      taskSchema,
    )
    .refine((tasks) => Object.keys(tasks).length > 0, 'is empty: name at least one task')
    .refine((tasks) => !(NORM in tasks), {
      path: [NORM],
      error: 'names the codes; give the task another name',
    })
    .describe('the tasks that are learned together, by name'),
  data: dataSchema.describe('the corpus, its split, and how documents are cut into windows'),
  encoder: encoderSchema.prefault({}).describe('the pretrained transformer'),
  model: modelSchema.prefault({}).describe('what stands on the encoder: a trunk and a head'),
  training: trainingSchema.prefault({}).describe('epochs, learning rates, optimizer, checkpoints'),
  augmentation: augmentationSchema
    .prefault({})
    .describe('new examples of rare labels: sentences with another mention in place of theirs'),
  pretraining: pretrainingSchema
    .prefault({})
    .describe('what `pretrain` does: further training of a masked language model on raw text'),
  decoding: decodingSchema.prefault({}).describe('how probabilities become spans'),
  normalization: normalizationSchema
    .prefault({})
    .describe("codes for mentions: a code's score is the weighted sum of three parts"),
  backend: backendSchema.prefault({}).describe('what computes'),
});

/** All options, by section: docs/configuration.md says what each means, its unit and its default. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- a name for the type, which all that mentions it shows
export interface Config extends z.output<typeof configSchema> {}
