import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import { computed, type StoredFormat } from './stored.js';

const name = z.string();
const count = z.int().min(0);
const share = z.number().min(0).max(1);
const ratios = z.object({
  precision: share,
  recall: share,
  f1: share,
  truePositives: count,
  falsePositives: count,
  falseNegatives: count,
});
const scores = ratios.extend({ semantics: z.string(), perLabel: recordOf(name, ratios) });

/** Labels by rows of gold and columns of predictions; one more of each is for none. */
const confusion = z
  .object({ labels: z.array(z.string()), counts: z.array(z.array(count)) })
  .refine(
    ({ labels, counts }) => [counts, ...counts].every((side) => side.length === labels.length + 1),
    'a row and a column for each label and for none are needed',
  );
const outcomes = z.object({
  correct: count,
  label: count,
  boundary: count,
  labelAndBoundary: count,
  missed: count,
  invented: count,
});
const span = z.object({ label: z.string(), start: computed, end: computed, text: z.string() });
const examples = z.array(
  z.object({ document: z.string(), gold: span.optional(), predicted: span.optional() }),
);
const errors = z.object({
  outcomes,
  perLabel: recordOf(name, outcomes),
  confusion: confusion.optional(),
  examples: z.object({
    label: examples,
    boundary: examples,
    labelAndBoundary: examples,
    missed: examples,
    invented: examples,
  }),
});

/** Of a task, or of the codes. */
const track = scores.extend({
  macroF1: share,
  errors,
  confused: z.array(z.object({ gold: z.string(), predicted: z.string(), count })),
  words: scores.extend({ confusion }).optional(),
  groups: recordOf(name, ratios).optional(),
  top5: share.optional(),
});

const evaluation1 = recordOf(name, track);

/** Scores of a run's best checkpoint on its validation documents: by task, and of the codes as `norm`. */
export type StoredEvaluation = z.output<typeof evaluation1>;

/** evaluation.json in the folder of a run. */
export const evaluationFormat: StoredFormat<StoredEvaluation> = {
  what: 'the evaluation of a run',
  advice: 'write it again with `meddoprof train --resume` and the folder of the run',
  versions: { 1: evaluation1 },
};

const codeScores = z.object({ mentions: count, correct: count, accuracy: share, top5: share });
const codes1 = codeScores.extend({
  seen: codeScores,
  unseen: codeScores,
  terminologies: recordOf(name, codeScores),
  confusions: z.array(
    z.object({ gold: z.string(), predicted: z.string().nullable(), count, texts: z.array(z.string()) }),
  ),
  official: track,
});

/** How well codes are found for spans that are right. */
export type StoredCodes = z.output<typeof codes1>;

/** normalization.json in the folder of a run. */
export const codesFormat: StoredFormat<StoredCodes> = {
  what: 'the evaluation of the codes of a run',
  advice: 'write it again with `meddoprof train --resume` and the folder of the run',
  versions: { 1: codes1 },
};
