import { z } from 'zod';
import { recordOf } from '../../files/recordOf.js';
import { teacherSchema } from './teacher.js';
import {
  share,
  partialShare,
  path,
  layerNumber,
  MOST_WINDOWS,
  MOST_EPOCHS,
  MOST_STEPS,
  label,
} from './values.js';

const frozen = z
  .union([z.literal('encoder'), z.array(z.union([z.literal('embeddings'), layerNumber]))])
  .describe('what is not trained: encoder (all of it), or a list of `embeddings` and layer numbers');

const epochSchema = z.strictObject({
  windows: z.enum(['positive', 'full']).describe('positive: windows with at least one entity; full: all'),
  rate: z.number().positive().describe('learning rate of the encoder'),
  frozen: frozen.default([]),
  negatives: share
    .default(1)
    .describe('share of the windows without an entity that a full epoch takes, drawn anew each epoch'),
});

export const trainingSchema = z.strictObject({
  batchSize: z.int().min(1).max(MOST_WINDOWS).default(16).describe('windows that are computed together'),
  accumulate: z
    .int()
    .min(1)
    .max(MOST_WINDOWS)
    .default(1)
    .describe(
      'batches that make a step: their gradients are summed, so that it learns what one batch as large as all would, in the memory of one',
    ),
  epochs: z
    .strictObject({
      count: z.int().min(1).max(MOST_EPOCHS).default(4).describe('number of epochs'),
      pattern: z
        .array(z.enum(['positive', 'full']))
        .min(1)
        .default(['positive', 'full'])
        .describe('which windows an epoch takes, repeated'),
      rate: z.number().positive().default(5e-5).describe('learning rate of the first epoch'),
      decay: z
        .number()
        .positive()
        .max(1)
        .default(0.75)
        .describe('factor of the learning rate from one epoch to the next'),
      frozen: frozen.default([]),
      frozenEpochs: z
        .int()
        .min(0)
        .max(MOST_EPOCHS)
        .nullable()
        .default(null)
        .describe('in how many of the first epochs `frozen` holds; null: in all'),
      negatives: share.default(1).describe('share of the windows without an entity that a full epoch takes'),
    })
    .prefault({})
    .describe('shorthand for the schedule'),
  schedule: z
    .array(epochSchema)
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'every epoch written out, as in [{windows: positive, rate: 5e-5}, {windows: full, rate: 2e-5}]; overrides `epochs`; null: as `epochs` says',
    ),
  warmupSteps: z
    .int()
    .min(0)
    .max(MOST_STEPS)
    .default(100)
    .describe('steps over which the rate rises from 0 at the start of training'),
  rateDecay: z
    .enum(['epochs', 'linear', 'cosine'])
    .default('epochs')
    .describe(
      "how the rate falls; epochs: from one epoch to the next, as they say; linear, cosine: with every step after the warm-up, from the epochs' rates to 0 at the end of the last one planned, in place of `epochs.decay`",
    ),
  headRateFactor: z
    .number()
    .positive()
    .default(20)
    .describe('rate of the new layers (BiLSTM, heads) over that of the encoder'),
  layerRateFactor: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe(
      'rate of a layer of the encoder over that of the one above it; the highest has the rate itself, the embeddings the lowest; 1: all the same',
    ),
  averageDecay: partialShare
    .nullable()
    .default(null)
    .describe(
      'decay of an exponential moving average of the weights, as 0.999: what is validated, kept as the best and predicted with is the average, while the steps go on from the weights; null: none',
    ),
  adversarialEpsilon: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'how far the word embeddings are moved to where the loss rises fastest, as 1 (the fast gradient method): a step learns from the batch as it is and from what it is then, with `accumulate` each of its batches by itself; costs twice the time; null: not at all',
    ),
  maskedShare: partialShare
    .default(0)
    .describe(
      'share of the words that a step hides from the model, [MASK] in the place of their pieces, others in every step: so it learns from what stands around them; their labels count as ever; 0: none; `pretrain` has a share of its own',
    ),
  labelWeights: recordOf(label, z.number().positive())
    .prefault({})
    .describe(
      'how much a word that has a label counts in the loss of that label, over one that has it not, as {ACTIVIDAD: 3}; of joint outputs a combination counts as its heaviest label; 1 where none is given; the head sigmoid alone',
    ),
  weightDecay: z
    .number()
    .min(0)
    .default(0.01)
    .describe('decoupled weight decay (AdamW) of weight matrices; 0: Adam'),
  beta1: partialShare.default(0.9).describe("decay of Adam's first moment"),
  beta2: partialShare.default(0.999).describe("decay of Adam's second moment"),
  epsilon: z.number().positive().default(1e-8).describe("Adam's epsilon"),
  clipNorm: z
    .number()
    .positive()
    .nullable()
    .default(1)
    .describe('largest global norm of the gradient; null: no clipping'),
  logSteps: z
    .int()
    .min(1)
    .max(MOST_STEPS)
    .default(20)
    .describe('steps between two logged losses; the device is read only then'),
  checkpointSteps: z
    .int()
    .min(1)
    .max(MOST_STEPS)
    .default(200)
    .describe(
      'fewest steps between two checkpoints; where writing them would take more than a tenth of the time, there are fewer; one is always written after an epoch',
    ),
  patience: z
    .int()
    .min(1)
    .max(MOST_EPOCHS)
    .nullable()
    .default(null)
    .describe('stop after this many epochs without a better validation F1; null: never'),
  cacheFrozen: z
    .boolean()
    .default(true)
    .describe('where the encoder is frozen in every epoch: run it once and keep its outputs on disk'),
  cacheFolder: path
    .nullable()
    .default(null)
    .describe(
      'folder that keeps them for all runs with one encoder and corpus; null: in the run, for itself',
    ),
  cachePrecision: z
    .enum(['float32', 'float16'])
    .default('float32')
    .describe('of the outputs that are kept so; float16: half the room, in three digits'),
  teacher: teacherSchema
    .prefault({})
    .describe('what trained runs say of the training documents, learned together with the labels'),
});

export type Epoch = z.output<typeof epochSchema>;
export type Frozen = z.output<typeof frozen>;
