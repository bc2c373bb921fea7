import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NORM } from '../config/choices.js';
import type { Context } from '../context.js';
import type { Document, Span } from '../data/document.js';
import { writeJson } from '../files/json.js';
import { temporaryFor } from '../files/temporary.js';
import { exists } from '../files/text.js';
import type { ModelSettings } from '../formats/model.js';
import { readModelSettings } from '../model/folder.js';
import { evaluateNorm, evaluateSpans, type Evaluation } from '../eval/evaluation.js';
import { candidateRecall } from '../eval/norm.js';
import { codedTaskOf, type Normalizer } from '../normalize/normalizer.js';
import { codeSpans, rowsOf, type CandidateRow, type CodedSpan } from '../predict/codes.js';
import { openPredictor } from '../predict/open.js';
import { normTable } from '../predict/normTable.js';
import { readSubmission, writeSubmission } from '../predict/submission.js';
import { growingTable } from '../data/growingTable.js';
import { growingCandidates, writtenCandidates } from '../runFolder/candidates.js';
import { writeCodings } from '../runFolder/codings.js';
import { predictUnknown } from './candidates.js';
import { gatherCodings, KEPT } from './gatherCodings.js';
import { evaluateGoldSpans, type EvaluatedCodes } from './evaluateCodes.js';
import { goldRows } from '../runFolder/gold.js';
import type { RunPaths } from '../runFolder/paths.js';

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

/** The phases of predicting the documents that are scored, and of finding codes for what was found in them. */
export const EVALUATING = 'documents evaluated';
export const CODED = 'documents with codes';

type Tasks = ModelSettings['tasks'];
type SpansByTask = Record<string, Span[]>;

/**
 * Predicts the documents that are scored with the best checkpoint; writes predictions/ and, with codes,
 * normalization.json, what the codes are worth where the spans are right, and codings.json, what spoke for
 * them; evaluation.json last, for a run that has it has all: where there is one, all is made anew, and else gone on
 * with the predictions that are there. Without documents evaluation.json says so, and is all.
 */
export async function evaluateRun(
  paths: RunPaths,
  scored: readonly Document[],
  codes: Coded | undefined,
  context: Context,
): Promise<{ evaluation: RunEvaluation; codes?: EvaluatedCodes }> {
  if (scored.length === 0) {
    await writeJson(paths.evaluation, {});
    return { evaluation: {} };
  }
  await removeFinished(paths);
  const { tasks } = await readModelSettings(paths.best);
  const spans = await predictScored(paths, tasks, scored, context);
  const { rows, found } = await codeScored(paths, tasks, scored, spans, codes?.normalizer, context);
  const texts = new Map(scored.map(({ name, text }) => [name, text]));
  const options = { texts, examples: EXAMPLES };
  const evaluation = Object.fromEntries(
    Object.entries(tasks).map(([task, { labels }]) => {
      const gold = new Map(scored.map((document) => [document.name, document.spans[task]!]));
      const predicted = new Map(scored.map(({ name }) => [name, spans.get(name)![task] ?? []]));
      return [task, evaluateSpans(gold, predicted, labels, options)];
    }),
  );
  if (!codes) {
    await writeJson(paths.evaluation, evaluation);
    return { evaluation };
  }
  const { normalizer, allCodes } = codes;
  const validCodes = allCodes ? undefined : new Set(normalizer.knowledge.concepts.map(({ code }) => code));
  const seenCodes = new Set(normalizer.knowledge.mentions.map(({ code }) => code));
  const goldCodes = goldRows(scored);
  evaluation[NORM] = {
    ...evaluateNorm(goldCodes, rows, validCodes, { ...options, seenCodes }),
    top5: candidateRecall(goldCodes, rows.map(withoutScores)),
  };
  const task = codedTaskOf(normalizer.settings, Object.keys(tasks));
  const kept = { task, ...KEPT, validCodes };
  const gold = await evaluateGoldSpans(normalizer, scored, kept, context);
  const ofGold = gold.mentions.map((mention, i) => ({ mention, coding: gold.codings[i]! }));
  await writeJson(paths.normalization, gold.evaluation);
  await writeCodings(paths.codings, gatherCodings(task, [...ofGold, ...found]));
  await writeJson(paths.evaluation, evaluation);
  return { evaluation, codes: gold.evaluation };
}

const withoutScores = (row: CandidateRow) => ({ ...row, candidates: row.candidates.map(({ code }) => code) });

/** The predictions of a run that was finished are not gone on with: people make them anew where they have changed. */
async function removeFinished({ evaluation, predictions }: RunPaths): Promise<void> {
  const mark = join(predictions, basename(evaluation)); // in case of a kill before all of them are gone
  if (await exists(evaluation)) {
    await mkdir(predictions, { recursive: true });
    await rename(evaluation, mark);
  }
  if (!(await exists(mark))) return;
  const old = temporaryFor(predictions);
  await rename(predictions, old);
  await rm(old, { recursive: true });
}

/**
 * The spans of the documents, by name: those that are written already, the rest predicted now, and written with what
 * other thresholds would have found.
 */
async function predictScored(
  paths: RunPaths,
  tasks: Tasks,
  scored: readonly Document[],
  context: Context,
): Promise<Map<string, SpansByTask>> {
  const { best, predictions } = paths;
  const spans = new Map<string, SpansByTask>();
  const kept = await writtenCandidates(paths);
  for (const { name, text } of scored) {
    const written = kept.has(name) && (await readSubmission(predictions, tasks, { name, text }));
    if (written) spans.set(name, written);
  }
  const table = growingCandidates(paths, new Set(spans.keys()));
  try {
    if (spans.size < scored.length) {
      const reached = context.phase(EVALUATING, scored.length);
      const predictor = await openPredictor(best, {}, context);
      try {
        const predicted = predictUnknown(predictor, scored, table, (name) => spans.has(name));
        for await (const { prediction } of predicted) {
          await writeSubmission(predictions, tasks, prediction);
          spans.set(prediction.name, prediction.spans);
          await reached(spans.size);
        }
      } finally {
        predictor.dispose();
      }
    }
    await table.finish();
  } finally {
    await table.close();
  }
  return spans;
}

/** The codes of predicted spans, written as a table. */
async function codeScored(
  paths: RunPaths,
  tasks: Tasks,
  scored: readonly Document[],
  spans: ReadonlyMap<string, SpansByTask>,
  normalizer: Normalizer | undefined,
  context: Context,
): Promise<{ rows: CandidateRow[]; found: CodedSpan[] }> {
  const rows: CandidateRow[] = [];
  const found: CodedSpan[] = [];
  if (!normalizer) return { rows, found };
  const reached = context.phase(CODED, scored.length);
  for (const [i, { name, text }] of scored.entries()) {
    const document = { text, spans: spans.get(name)! };
    const coded = await codeSpans(normalizer, Object.keys(tasks), document, KEPT);
    for (const row of rowsOf(name, coded)) rows.push(row);
    for (const one of coded) found.push(one);
    await reached(i + 1);
  }
  const table = growingTable(normTable, paths.predictions, 'norm.tsv');
  await table.add(rows);
  await table.finish();
  return { rows, found };
}
