import { basename } from 'node:path';
import { groupRuns } from '../compare/groups.js';
import { lackingFolds, pooledNames, poolFolds } from '../compare/pools.js';
import type { Context } from '../context.js';
import type { Calibration } from '../data/calibration.js';
import { thresholdOf } from '../data/decode.js';
import type { Document } from '../data/document.js';
import { scoredNames } from '../data/split.js';
import { InputError, UsageError } from '../errors.js';
import type { CalibrationMethod } from '../eval/calibrate.js';
import { estimateTuning, tuneTask, type TuningRow } from '../eval/estimateTuning.js';
import { dealt } from '../eval/parts.js';
import { found, type TuningTask } from '../eval/steadyThresholds.js';
import type { Objective } from '../eval/thresholds.js';
import { writeOutput } from '../files/write.js';
import type { DocumentCandidates } from '../formats/candidates.js';
import type { TunedThresholds } from '../formats/tuned.js';
import { checkCandidates, writtenCandidates } from '../runFolder/candidates.js';
import { readFinishedRun, type FinishedRun } from '../runFolder/finished.js';
import { readGold } from '../runFolder/gold.js';
import { runPaths } from '../runFolder/paths.js';
import { scoredDocument, undecidedBecause } from '../runFolder/tuning.js';
import { calibrateCodes, calibrateTask } from './calibrateScores.js';
import { LEAST_THRESHOLD } from './candidates.js';
import { makeCandidates } from './makeCandidates.js';

export interface TuneOptions {
  objective: Objective;
  /** Also calibrate the scores of what is found, and the probabilities of codes. */
  calibrate?: CalibrationMethod;
  /** Settings of --set: where the corpus is now, what computes. */
  set?: string[];
}

/** How the gain is estimated. */
const ESTIMATE = { parts: 10, level: 0.95, resamples: 2000, seed: 1 };

/** The phase of the intervals, of each task. */
const RESAMPLING = 'resamples';

/**
 * Tunes the thresholds of labels on the documents that a run is scored on, or that the runs of folds are together, each
 * by the run that did not train on it; what they need of the models is computed once and kept in the runs' folders.
 * Calibrates the scores of what these thresholds find where that is asked for. Writes tuned.json into each.
 * @throws UsageError for runs that are no folds of one variant and seed, or whose head or decoding knows no thresholds
 * that could be tuned label by label; InputError as `readFinishedRun` and `readGold`, and for too few documents
 */
export async function tuneRuns(
  folders: readonly string[],
  { objective, calibrate: method, set = [] }: TuneOptions,
  context: Context,
): Promise<TunedThresholds> {
  const runs: FinishedRun[] = [];
  for (const folder of folders) runs.push(await readFinishedRun(folder, { set }));
  const { config } = checkTunable(runs, context);
  const gold = (await readGold(runs[0]!, pooledNames({ seed: config.seed, runs }))).documents;
  if (gold.length < ESTIMATE.parts)
    throw new InputError(
      `${folders.join(', ')}: only ${gold.length} documents are held out, and to tune needs ${ESTIMATE.parts} at least; hold out more (data.validationShare, data.folds)`,
    );
  const candidates = new Map<string, DocumentCandidates>();
  for (const run of runs)
    for (const line of await candidatesOfRun(run, gold, context)) candidates.set(line.document, line);
  const thresholds = new Map<string, number>(); // a label may be called `__proto__`
  const calibration = new Map<string, Calibration>();
  const tasks: TunedThresholds['tasks'] = {};
  const partOf = dealt(gold, ESTIMATE.parts, ESTIMATE.seed);
  const calibrating = method && {
    method,
    parts: ESTIMATE.parts,
    partOf: new Map(gold.map(({ name }, i) => [name, partOf[i]!])),
  };
  for (const [task, { labels }] of Object.entries(config.tasks)) {
    const own = {
      labels,
      thresholds: labels.map((label) => thresholdOf(label, config.decoding)),
      documents: gold.map((document) =>
        scoredDocument(document, candidates.get(document.name)!, task, labels),
      ),
    };
    const { taken, ...tuned } = await tuneOne(task, { own, partOf }, objective, context);
    labels.forEach((label, i) => thresholds.set(label, taken[i]!));
    tasks[task] = tuned;
    if (!calibrating) continue;
    const scores = calibrateTask(own.documents, taken, calibrating);
    tuned.all.calibration = scores.all;
    labels.forEach((label, i) => {
      const { calibration: made, figures } = scores.labels[i]!;
      tuned.labels[label]!.calibration = figures;
      if (made !== undefined) calibration.set(label, made);
      else
        context.notice(
          `the scores of ${label} stay as they are: too few of its spans are right, or wrong, or calibrated ones are no better on other documents`,
        );
    });
  }
  const codes = calibrating && (await calibrateCodes(runs, (run) => scoredBy(run, gold), calibrating));
  if (codes && codes.calibration === undefined)
    context.notice(
      'the probabilities of codes stay as they are: calibrated ones are no better on other documents',
    );
  const result: TunedThresholds = {
    format: 1,
    objective,
    runs: runs.map(({ folder }) => basename(folder)),
    documents: gold.length,
    thresholds: Object.fromEntries(thresholds),
    method: method ?? null,
    calibration: Object.fromEntries(calibration),
    codeCalibration: codes?.calibration ?? null,
    codes: codes?.figures,
    estimate: ESTIMATE,
    tasks,
  };
  for (const { folder } of runs)
    await writeOutput(runPaths(folder).tuned, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** The thresholds that a task's labels take, in their order, and what they gain on other documents. */
async function tuneOne(
  task: string,
  { own, partOf }: { own: TuningTask; partOf: Int32Array },
  objective: Objective,
  context: Context,
): Promise<TunedThresholds['tasks'][string] & { taken: readonly number[] }> {
  const tuned = tuneTask(own, objective, LEAST_THRESHOLD);
  if (!tuned.reached && objective.kind === 'precision')
    context.notice(
      `${task}: no thresholds reach a recall of ${objective.recall}; those with the highest are taken`,
    );
  const reached = context.phase(RESAMPLING, ESTIMATE.resamples);
  const options = { least: LEAST_THRESHOLD, partOf, ...ESTIMATE };
  const [all, ...rows] = (await estimateTuning(own, objective, options, reached)).map(shownRow);
  const kept = objective.kind === 'f1' && all!.change.f1[1] <= 0;
  const taken = kept ? own.thresholds : tuned.thresholds;
  own.labels.forEach((label, i) => {
    const finds = (threshold: number) =>
      own.documents.some(({ spans }) => found(spans[i]!, threshold).some(({ right }) => right));
    if (finds(own.thresholds[i]!) && !finds(taken[i]!))
      context.notice(
        `nothing that is right is found of ${label} any more: with what is wrong of it, it costs ${task} more than it brings`,
      );
  });
  const labels = Object.fromEntries(own.labels.map((label, i) => [label, rows[i]!]));
  return { kept, all: all!, labels, taken };
}

/** Whether the runs are of one model, or its folds, and their thresholds decide label by label. Returns the first. */
function checkTunable(runs: readonly FinishedRun[], context: Context): FinishedRun {
  const [first] = runs as [FinishedRun];
  const pools = groupRuns(runs).flatMap((group) => poolFolds(group.runs));
  if (pools.length > 1)
    throw new UsageError(
      `${pools[1]!.runs[0]!.folder} and ${pools[0]!.runs[0]!.folder} are no folds of one variant and seed: name one run, or the runs of its folds`,
    );
  const lacking = first.config.data.fold === null ? [] : lackingFolds(pools[0]!);
  if (lacking.length > 0)
    context.notice(
      `The runs of the folds ${lacking.join(', ')} are not among them: their documents are not tuned on`,
    );
  const why = undecidedBecause(first.config);
  if (why !== undefined)
    throw new UsageError(`thresholds of ${first.folder} cannot be tuned label by label: ${why}`);
  return first;
}

async function candidatesOfRun(
  run: FinishedRun,
  gold: readonly Document[],
  context: Context,
): Promise<DocumentCandidates[]> {
  const scored = scoredBy(run, gold);
  const written = await writtenCandidates(runPaths(run.folder));
  const lines = scored.every(({ name }) => written.has(name))
    ? scored.map(({ name }) => written.get(name)!)
    : await makeCandidates(run, scored, context);
  checkCandidates(run, lines, context.notice);
  return lines;
}

/** Of these documents those that a run is scored on. */
function scoredBy({ split }: FinishedRun, gold: readonly Document[]): Document[] {
  const names = new Set(scoredNames(split));
  return gold.filter(({ name }) => names.has(name));
}

function shownRow({ gold, before, after, change }: TuningRow): TunedThresholds['tasks'][string]['all'] {
  const shown = ({ precision, recall, f1 }: TuningRow['before']) => ({ precision, recall, f1 });
  return { gold, before: shown(before), after: shown(after), change };
}
