import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import { calibration1 } from './calibration.js';
import type { StoredFormat } from './stored.js';

const name = z.string();
const share = z.number().min(0).max(1);
const label = z.string().regex(/^[^\s;]+$/, 'a label has no spaces and no semicolons');
const size = z.int().min(1);

/** What the first builds called the outputs. */
const formerOutputs: Record<string, string> = { two: 'perTask', single: 'joint' };

/** Files from before there were other heads and trunks leave them out. */
const model1 = z.strictObject({
  head: z.enum(['sigmoid', 'crf', 'spans']).default('sigmoid'),
  trunk: z.enum(['bilstm', 'none']).default('bilstm'),
  scheme: z.enum(['IO', 'BIO', 'BIOU']).default('IO'),
  outputs: z.preprocess(
    (name) => (typeof name === 'string' ? (formerOutputs[name] ?? name) : name),
    z.enum(['perTask', 'joint']).default('perTask'),
  ),
  lstmUnits: size.default(256),
  layerMix: z.boolean().default(false),
  dropout: z.number().min(0).lt(1).default(0.1),
  crf: z.strictObject({ agree: z.boolean().default(false) }).prefault({}),
  spans: z
    .strictObject({
      longest: size.max(512).default(16),
      size: z.int().min(2).multipleOf(2).default(64),
      agree: z.boolean().default(false),
    })
    .prefault({}),
});

const decoding1 = z.strictObject({
  paths: z.enum(['best', 'all']).default('best'),
  pooling: z.enum(['mean', 'max', 'first']).default('mean'),
  threshold: share.default(0.5),
  thresholds: recordOf(name, share).default({}),
  calibration: recordOf(name, calibration1).default({}),
  codeCalibration: calibration1.nullable().default(null),
  overlap: z.enum(['allow', 'best']).default('allow'),
  windowStride: size.nullable().default(null),
});

const settings1 = z.strictObject({
  format: z.literal(1),
  tasks: recordOf(name, z.strictObject({ folder: z.string().min(1), labels: z.array(label).min(1) })),
  model: model1,
  windows: z.strictObject({
    windowPieces: z.int().min(8).max(512).default(128),
    windowStride: size.default(96),
    /** Pieces around what is scored; none: windows overlap. */
    windowContext: z.int().min(0).optional(),
  }),
  decoding: decoding1,
});

/** What a trained model needs besides its weights to find spans in text. */
export type ModelSettings = z.output<typeof settings1>;

/** meddoprof.json in the folder of a checkpoint. */
export const modelFormat: StoredFormat<ModelSettings> = {
  what: 'the settings of a checkpoint',
  advice: 'the checkpoint is damaged, or of another version',
  versions: { 1: settings1 },
};
