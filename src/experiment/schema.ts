import { z } from 'zod';
import type { OptionSchema } from '../config/options.js';

const seed = z.int().min(0).max(0x7fffffff);
const share = z.number().min(0).max(1);

const variantSchema = z.strictObject({
  config: z.string().min(1).describe('config file, relative to the experiment file'),
  set: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('options to change, as `training.batchSize: 16`'),
});

const publishedSchema = z.strictObject({
  name: z.string().min(1).describe('whose figure it is'),
  task: z.string().min(1).describe('the task of the config that it stands beside, or norm'),
  precision: share.nullable().default(null),
  recall: share.nullable().default(null),
  f1: share,
  split: z.enum(['validation', 'test']).default('test').describe('the documents that it was measured on'),
});

const resourcesSchema = z.strictObject({
  cpus: z.int().min(1).max(4096).default(2).describe('processors of a run'),
  memory: z
    .string()
    .regex(/^[1-9]\d*[KMGT]?$/, 'write it as 8G or 8000M')
    .default('8G')
    .describe('memory of a run'),
  time: z
    .string()
    .regex(/^(\d+-)?\d+(:[0-5]\d){0,2}$/, 'write it as "04:00:00" or "1-12:00:00"')
    .default('04:00:00')
    .describe('time limit; a run that needs longer is put back into the queue and goes on'),
  gpus: z.int().min(0).max(1024).default(0).describe('graphics cards of a run'),
  partition: z
    .string()
    .regex(/^[\w.,-]+$/, 'a partition is named with letters, digits, _, - and .')
    .nullable()
    .default(null)
    .describe("the cluster's partition; null: its default"),
});

/** A whole experiment file: variants times seeds (times folds), and what they are compared with. */
export const experimentSchema = z.strictObject({
  split: seed
    .nullable()
    .default(null)
    .describe('data.splitSeed of every run: all seeds hold out the same documents; null: as the configs say'),
  seeds: z.array(seed).min(1).default([1]).describe('a run of every variant for each'),
  folds: z
    .int()
    .min(2)
    .max(100)
    .nullable()
    .default(null)
    .describe(
      'cross-validation: a run of every variant and seed for each fold (data.folds, data.fold); null: none',
    ),
  baseline: z
    .string()
    .nullable()
    .default(null)
    .describe('the variant that the others are compared with; null: the first'),
  variants: z
    .record(
      z.string().regex(/^[A-Za-z0-9][\w.-]*$/, 'a variant is named with letters, digits, _, - and .'),
      variantSchema,
    )
    .refine((variants) => Object.keys(variants).length > 0, 'is empty: name at least one variant')
    .describe('what is compared, by name'),
  published: z.array(publishedSchema).default([]).describe('figures of others that stand beside'),
  resources: resourcesSchema.prefault({}).describe('what a run gets from Slurm'),
});

/** The same as plain data, for messages. */
export const experimentOptions = z.toJSONSchema(experimentSchema, { io: 'input' }) as OptionSchema;

export type ExperimentFile = z.output<typeof experimentSchema>;
/**
 * A figure of others, as an experiment file has it.
 * @useDeclaredType
 */
export type PublishedRow = z.output<typeof publishedSchema>;
export type Resources = z.output<typeof resourcesSchema>;
