import { rm } from 'node:fs/promises';
import { writeAtomically } from '../data/files.js';
import type { Example } from '../data/examples.js';
import { evaluateSpans, type Evaluation } from '../eval/evaluation.js';
import { openPredictor } from '../predict/open.js';
import { predictTexts, type Prediction } from '../predict/predict.js';
import { writeSubmission } from '../predict/submission.js';
import type { RunPaths } from './paths.js';

/** Entity-wise evaluation of a run's best checkpoint on its validation documents, per task. */
export type RunEvaluation = Record<string, Evaluation>;

/** Examples of each kind of error that evaluation.json keeps. */
const EXAMPLES = 50;

/** Predicts the validation documents with the best checkpoint; writes predictions/ and evaluation.json. */
export async function evaluateRun(paths: RunPaths, validation: Example[]): Promise<RunEvaluation> {
  const predictor = await openPredictor(paths.best);
  const predictions: Prediction[] = [];
  try {
    await rm(paths.predictions, { recursive: true, force: true });
    for await (const prediction of predictTexts(predictor, validation)) {
      predictions.push(prediction);
      await writeSubmission(paths.predictions, predictor.settings.tasks, prediction);
    }
  } finally {
    predictor.dispose();
  }
  const texts = new Map(validation.map(({ name, text }) => [name, text]));
  const evaluation = Object.fromEntries(
    Object.entries(predictor.settings.tasks).map(([task, { labels }]) => {
      const gold = new Map(validation.map(({ name, spans }) => [name, spans[task]!]));
      const predicted = new Map(predictions.map(({ name, spans }) => [name, spans[task] ?? []]));
      return [task, evaluateSpans(gold, predicted, labels, { texts, examples: EXAMPLES })];
    }),
  );
  await writeAtomically(paths.evaluation, `${JSON.stringify(evaluation, null, 2)}\n`);
  return evaluation;
}
