import { z } from 'zod';
import { corpusFormats } from '../choices.js';
import { partialShare, path } from './values.js';

export const dataSchema = z.strictObject({
  corpus: path.describe('the corpus: a brat folder with one per task, or another format'),
  format: z
    .enum(['auto', ...corpusFormats])
    .default('auto')
    .describe("of the corpus' files (docs/formats.md); auto: told by their names"),
  norm: path
    .nullable()
    .default(null)
    .describe(
      'table of codes (filename, text, span, code); null: the only .tsv file in the corpus folder, if there is one; none: no table, whatever is there',
    ),
  codes: path
    .nullable()
    .default(null)
    .describe('table of the valid codes (code, label, alternative_label); null: every code is valid'),
  split: path.nullable().default(null).describe('a split.json to reuse; null: draw one by splitSeed'),
  splitSeed: z
    .int()
    .min(0)
    .max(0x7fffffff)
    .nullable()
    .default(null)
    .describe('seed of the split, so that runs with several seeds hold out the same documents; null: `seed`'),
  validationShare: partialShare
    .default(0.1)
    .describe(
      'share of the documents that is held out for validation; 0: all train, so that the last epoch is taken instead of the best, and nothing stops early',
    ),
  folds: z
    .int()
    .min(2)
    .max(100)
    .nullable()
    .default(null)
    .describe(
      'deal the documents out to so many folds, for cross-validation; one is held out and scored, and validationShare is of the others; null: none',
    ),
  fold: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe('which of the folds is held out, from 1; `folds` of an experiment file goes through all'),
  windowPieces: z
    .int()
    .min(8)
    .max(512)
    .default(128)
    .describe('longest window in pieces, [CLS] and [SEP] included'),
  windowStride: z
    .int()
    .min(1)
    .max(512)
    .default(96)
    .describe("pieces from one window's start to the next; less than windowPieces - 2 makes them overlap"),
  windowContext: z
    .int()
    .min(0)
    .max(256)
    .nullable()
    .default(null)
    .describe(
      'pieces on both sides of a window that are read and not scored; windows then end where sentences do, in place of `windowStride`, and each piece is scored in one of them; null: as `windowStride` says',
    ),
});
