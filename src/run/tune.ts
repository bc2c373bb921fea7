import { basename } from 'node:path';
import { groupRuns } from '../compare/groups.js';
import { lackingFolds, pooledNames, poolFolds } from '../compare/pools.js';
import type { Context } from '../context.js';
import { thresholdOf } from '../data/decode.js';
import type { Document } from '../data/document.js';
import { scoredNames } from '../data/split.js';
import { InputError, UsageError } from '../errors.js';
import { estimateTuning, tuneTask, type TuningRow } from '../eval/estimateTuning.js';
import { uniqueSpans } from '../eval/spans.js';
import { found, type TuningDocument } from '../eval/steadyThresholds.js';
import type { Objective } from '../eval/thresholds.js';
import { writeAtomically } from '../files/write.js';
import type { DocumentCandidates } from '../formats/candidates.js';
import type { TunedThresholds } from '../formats/tuned.js';
import { checkCandidates, writtenCandidates } from '../runFolder/candidates.js';
import { readFinishedRun, type FinishedRun } from '../runFolder/finished.js';
import { readGold } from '../runFolder/gold.js';
import { runPaths } from '../runFolder/paths.js';
import { LEAST_THRESHOLD } from './candidates.js';
import { makeCandidates } from './makeCandidates.js';

export interface TuneOptions {
  objective: Objective;
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
 * Writes tuned.json into each.
 * @throws UsageError for runs that are no folds of one variant and seed, or whose head or decoding knows no thresholds
 * that could be tuned label by label; InputError as `readFinishedRun` and `readGold`, and for too few documents
 */
export async function tuneRuns(
  folders: readonly string[],
  { objective, set = [] }: TuneOptions,
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
  const thresholds: TunedThresholds['thresholds'] = {};
  const tasks: TunedThresholds['tasks'] = {};
  for (const [task, { labels }] of Object.entries(config.tasks)) {
    const own = {
      labels,
      thresholds: labels.map((label) => thresholdOf(label, config.decoding)),
      documents: gold.map((document) =>
        tuningDocument(document, candidates.get(document.name)!, task, labels),
      ),
    };
    const tuned = tuneTask(own, objective, LEAST_THRESHOLD);
    if (!tuned.reached && objective.kind === 'precision')
      context.notice(
        `${task}: no thresholds reach a recall of ${objective.recall}; those with the highest are taken`,
      );
    const reached = context.phase(RESAMPLING, ESTIMATE.resamples);
    const options = { least: LEAST_THRESHOLD, ...ESTIMATE };
    const [all, ...rows] = (await estimateTuning(own, objective, options, reached)).map(shownRow);
    const kept = objective.kind === 'f1' && all!.change.f1[1] <= 0;
    const taken = kept ? own.thresholds : tuned.thresholds;
    labels.forEach((label, i) => {
      thresholds[label] = taken[i]!;
      const finds = (threshold: number) =>
        own.documents.some(({ spans }) => found(spans[i]!, threshold).some(({ right }) => right));
      if (finds(own.thresholds[i]!) && !finds(taken[i]!))
        context.notice(
          `nothing that is right is found of ${label} any more: with what is wrong of it, it costs ${task} more than it brings`,
        );
    });
    tasks[task] = {
      ...{ kept, all: all! },
      labels: Object.fromEntries(labels.map((label, i) => [label, rows[i]!])),
    };
  }
  const result: TunedThresholds = {
    ...{ format: 1, objective },
    ...{ runs: runs.map(({ folder }) => basename(folder)), documents: gold.length },
    ...{ thresholds, estimate: ESTIMATE, tasks },
  };
  for (const { folder } of runs)
    await writeAtomically(runPaths(folder).tuned, `${JSON.stringify(result, null, 2)}\n`);
  return result;
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
  const { model, decoding, tasks } = first.config;
  const labels = Object.values(tasks).flatMap((task) => task.labels);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  const why =
    model.head === 'crf'
      ? 'its head crf takes the best path, which no threshold decides'
      : model.head === 'spans' && model.spans.agree && Object.keys(tasks).length > 1
        ? 'with model.spans.agree all tasks decide together what is found'
        : decoding.overlap === 'best'
          ? 'with decoding.overlap best labels decide together what is found'
          : twice !== undefined
            ? `the label ${twice} is of two tasks, and decoding.thresholds is by label`
            : undefined;
  if (why !== undefined)
    throw new UsageError(`thresholds of ${first.folder} cannot be tuned label by label: ${why}`);
  return first;
}

async function candidatesOfRun(
  run: FinishedRun,
  gold: readonly Document[],
  context: Context,
): Promise<DocumentCandidates[]> {
  const names = new Set(scoredNames(run.split));
  const scored = gold.filter(({ name }) => names.has(name));
  const written = await writtenCandidates(runPaths(run.folder));
  const lines = scored.every(({ name }) => written.has(name))
    ? scored.map(({ name }) => written.get(name)!)
    : await makeCandidates(run, scored, context);
  checkCandidates(run, lines);
  return lines;
}

function tuningDocument(
  document: Document,
  { candidates }: DocumentCandidates,
  task: string,
  labels: readonly string[],
): TuningDocument {
  const gold = uniqueSpans(document.spans[task]!, labels);
  const keyOf = (label: string, start: number, end: number) => `${label}\t${start} ${end}`;
  return {
    spans: labels.map((label) =>
      (candidates[task] ?? [])
        .filter((span) => span[2] === label)
        .map(([start, end, , , above, upTo]) => ({ above, upTo, right: gold.has(keyOf(label, start, end)) })),
    ),
    gold: labels.map((label) => [...gold.values()].filter((span) => span.label === label).length),
  };
}

function shownRow({ gold, before, after, change }: TuningRow): TunedThresholds['tasks'][string]['all'] {
  const shown = ({ precision, recall, f1 }: TuningRow['before']) => ({ precision, recall, f1 });
  return { gold, before: shown(before), after: shown(after), change };
}
