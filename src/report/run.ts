import { basename, isAbsolute } from 'node:path';
import { NORM } from '../config/choices.js';
import { createContext, type Context } from '../context.js';
import { scoredNames } from '../data/split.js';
import { writeOutput } from '../files/write.js';
import { checkCandidates, writtenCandidates } from '../runFolder/candidates.js';
import { readCodings } from '../runFolder/codings.js';
import { readFinishedRun, type FinishedRun } from '../runFolder/finished.js';
import { readGold } from '../runFolder/gold.js';
import { runPaths } from '../runFolder/paths.js';
import { readTuned } from '../runFolder/tuned.js';
import type { Documents, RunSummary } from './data.js';
import { documentsOf } from './documents.js';
import { factsOf } from './facts.js';
import { reportHtml } from './html.js';
import { learningOf } from './learning.js';
import { codeReliability, probabilitiesOf } from './probabilities.js';
import { publishedRows } from './published.js';
import { INTERVALS, trackSummaries } from './tracks.js';

/** How a report is written. */
export interface ReportOptions {
  /** The file; report.html in the run's folder by default. */
  out?: string;
  /** Settings laid over the run's config: where the corpus is now, say. */
  set?: string[];
}

/**
 * Writes the report of a finished run: one HTML file. Loads no TensorFlow. Returns its path.
 * @throws InputError for a folder that is no finished run, a corpus that is gone or has changed
 */
export async function writeRunReport(
  folder: string,
  { out, set = [] }: ReportOptions = {},
  context: Context = createContext(),
): Promise<string> {
  const run = await readFinishedRun(folder, { set });
  const { summary, documents } = await reportOfRun(run, context);
  const file = out ?? runPaths(folder).report;
  await writeOutput(file, await reportHtml(summary, documents));
  return file;
}

/** All that the report of a run shows. */
export async function reportOfRun(
  run: FinishedRun,
  context: Context = createContext(),
): Promise<{ summary: RunSummary; documents: Documents }> {
  const { folder, config, record, split, evaluation, codes } = run;
  const goldOf = await readGold(run);
  const name = isAbsolute(folder) ? basename(folder) : folder;
  const codings = await readCodings(runPaths(folder).codings);
  const scores = await writtenCandidates(runPaths(folder));
  checkCandidates(run, [...scores.values()], context.notice);
  const documents = await documentsOf(goldOf.documents, [{ name, run, codings, scores }]);
  const { confusions = [], ...gold } = codes ?? {};
  const summary: RunSummary = {
    kind: 'run',
    title: `Run ${name}`,
    version: record.versions.meddoprof!,
    facts: factsOf(run),
    documents: { training: split.training.length, validation: scoredNames(split).length },
    published: await publishedRows(config),
    intervals: INTERVALS,
    tracks: await trackSummaries(run, goldOf, context),
    probabilities: probabilitiesOf(run, goldOf.documents, scores, await readTuned(folder)),
    learning: learningOf(run),
    codes: codes
      ? {
          gold: gold as NonNullable<RunSummary['codes']>['gold'],
          confusions,
          reliability: codeReliability(goldOf.documents, codings),
          groups: evaluation[NORM]!.groups ?? {},
        }
      : undefined,
  };
  return { summary, documents };
}
