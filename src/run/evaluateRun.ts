import { rm } from 'node:fs/promises';
import type { Context } from '../context.js';
import type { Document } from '../data/document.js';
import { writeAtomically } from '../files/write.js';
import { evaluateNorm, evaluateSpans, type Evaluation } from '../eval/evaluation.js';
import { candidateRecall } from '../eval/norm.js';
import type { Normalizer } from '../normalize/normalizer.js';
import { codeSpans, rowsOf, type CandidateRow, type CodedSpan } from '../predict/codes.js';
import { openPredictor } from '../predict/open.js';
import { predictTexts, type Prediction } from '../predict/predict.js';
import { normTable, writeSubmission } from '../predict/submission.js';
import { gatherCodings, KEPT, writeCodings } from './codings.js';
import { evaluateGoldSpans, type EvaluatedCodes } from './evaluateCodes.js';
import { goldRows } from './gold.js';
import type { RunPaths } from './paths.js';

/** Entity-wise evaluation of a run's best checkpoint on the documents that are scored: per task, and of the codes. */
export type RunEvaluation = Record<string, Evaluation>;

/** What finds codes. */
export interface Coded {
  normalizer: Normalizer;
  /** Every code counts as valid: there is no table. */
  allCodes: boolean;
}

/** Examples of each kind of error that evaluation.json keeps. */
const EXAMPLES = 50;

/** The phase of predicting the validation documents. */
export const EVALUATING = 'documents evaluated';

/** Name of the codes' scores among those of the tasks. */
const NORM = 'norm';

/**
 * Predicts the documents that are scored with the best checkpoint; writes predictions/ and, with codes,
 * normalization.json, what the codes are worth where the spans are right, and codings.json, what spoke for
 * them; evaluation.json last, for a run that has it has all: an earlier one goes first. Without documents that one
 * says so, and is all.
 */
export async function evaluateRun(
  paths: RunPaths,
  scored: readonly Document[],
  codes: Coded | undefined,
  context: Context,
): Promise<{ evaluation: RunEvaluation; codes?: EvaluatedCodes }> {
  const write = (file: string, value: unknown) =>
    writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
  if (scored.length === 0) {
    await write(paths.evaluation, {});
    return { evaluation: {} };
  }
  const { predictions, rows, found, tasks } = await predictScored(paths, scored, codes?.normalizer, context);
  const texts = new Map(scored.map(({ name, text }) => [name, text]));
  const options = { texts, examples: EXAMPLES };
  const evaluation = Object.fromEntries(
    Object.entries(tasks).map(([task, { labels }]) => {
      const gold = new Map(scored.map(({ name, spans }) => [name, spans[task]!]));
      const predicted = new Map(predictions.map(({ name, spans }) => [name, spans[task] ?? []]));
      return [task, evaluateSpans(gold, predicted, labels, options)];
    }),
  );
  if (!codes) {
    await write(paths.evaluation, evaluation);
    return { evaluation };
  }
  const { normalizer, allCodes } = codes;
  const validCodes = new Set(normalizer.knowledge.concepts.map(({ code }) => code));
  const valid = allCodes ? undefined : validCodes;
  const seenCodes = new Set(normalizer.knowledge.mentions.map(({ code }) => code));
  const goldCodes = goldRows(scored);
  evaluation[NORM] = {
    ...evaluateNorm(goldCodes, rows, valid, { ...options, seenCodes }),
    top5: candidateRecall(goldCodes, rows),
  };
  const task = normalizer.settings.task ?? Object.keys(tasks)[0]!;
  const kept = { task, ...KEPT, ...(valid && { validCodes: valid }) };
  const gold = await evaluateGoldSpans(normalizer, scored, kept, context);
  const ofGold = gold.mentions.map((mention, i) => ({ mention, coding: gold.codings[i]! }));
  await write(paths.normalization, gold.evaluation);
  await writeCodings(paths.codings, gatherCodings(task, [...ofGold, ...found]));
  await write(paths.evaluation, evaluation);
  return { evaluation, codes: gold.evaluation };
}

async function predictScored(
  paths: RunPaths,
  scored: readonly Document[],
  normalizer: Normalizer | undefined,
  context: Context,
) {
  const predictor = await openPredictor(paths.best, {}, context);
  const reached = context.phase(EVALUATING, scored.length);
  const { tasks } = predictor.settings;
  const predictions: Prediction[] = [];
  const rows: CandidateRow[] = [];
  const found: CodedSpan[] = [];
  try {
    await rm(paths.evaluation, { force: true });
    await rm(paths.predictions, { recursive: true, force: true });
    for await (const prediction of predictTexts(predictor, scored)) {
      predictions.push(prediction);
      await writeSubmission(paths.predictions, tasks, prediction);
      if (normalizer) {
        const coded = await codeSpans(normalizer, Object.keys(tasks), prediction, KEPT);
        for (const row of rowsOf(prediction.name, coded)) rows.push(row);
        for (const span of coded) found.push(span);
      }
      await reached(predictions.length);
    }
  } finally {
    predictor.dispose();
  }
  if (normalizer) {
    const table = normTable(paths.predictions);
    await table.add(rows);
    await table.finish();
  }
  return { predictions, rows, found, tasks };
}
