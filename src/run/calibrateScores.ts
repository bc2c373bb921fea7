import type { Calibration } from '../data/calibration.js';
import type { Document } from '../data/document.js';
import {
  calibrate,
  canCalibrate,
  crossCalibrated,
  type CalibrationMethod,
  type Scored,
} from '../eval/calibrate.js';
import { reliabilityOf } from '../eval/reliability.js';
import { found } from '../eval/steadyThresholds.js';
import type { CalibrationFigures } from '../formats/tuned.js';
import { goldCandidates, readCodings } from '../runFolder/codings.js';
import type { FinishedRun } from '../runFolder/finished.js';
import { runPaths } from '../runFolder/paths.js';
import type { ScoredDocument } from '../runFolder/tuning.js';

/** How scores are calibrated, and into how many parts documents are dealt to measure that. */
export interface CalibrationOptions {
  method: CalibrationMethod;
  parts: number;
  /** By the document's name. */
  partOf: ReadonlyMap<string, number>;
}

/** A calibration, and the expected calibration errors without and with it on documents that it was not made on. */
export interface Calibrated {
  /** Undefined where too few are right, or wrong, or where it brings scores no nearer on other documents: they stay. */
  calibration: Calibration | undefined;
  figures: CalibrationFigures;
}

/**
 * Calibrates the scores of what thresholds find of a task, label by label.
 * @param thresholds in the order of the labels
 * @returns all labels together, whose errors are those of scores calibrated by label; then each label
 */
export function calibrateTask(
  documents: readonly ScoredDocument[],
  thresholds: readonly number[],
  options: CalibrationOptions,
): { all: CalibrationFigures; labels: Calibrated[] } {
  const spans = thresholds.map((threshold, label) =>
    documents.flatMap((document) =>
      found(document.spans[label]!, threshold).map((span) => ({ ...span, document: document.name })),
    ),
  );
  const labels = spans.map((own) => calibrateOne(own, options));
  return {
    all: figuresOf(
      spans.flat(),
      labels.flatMap(({ after }) => after),
    ),
    labels,
  };
}

/**
 * Calibrates the probabilities of codes: of all that were considered for the gold mentions of the documents that runs are
 * scored on. The errors are of the best code of each mention. Undefined where no run has codes.
 */
export async function calibrateCodes(
  runs: readonly FinishedRun[],
  scoredBy: (run: FinishedRun) => readonly Document[],
  options: CalibrationOptions,
): Promise<Calibrated | undefined> {
  const all: ReturnType<typeof goldCandidates> = [];
  for (const run of runs) {
    const codings = await readCodings(runPaths(run.folder).codings);
    if (codings) for (const one of goldCandidates(scoredBy(run), codings)) all.push(one);
  }
  if (all.length === 0) return undefined;
  return calibrateOne(all, options, ({ isFirst }) => isFirst);
}

/** @param isMeasured of which the errors are; all of them by default */
function calibrateOne<S extends Scored & { document: string }>(
  scored: readonly S[],
  { method, parts, partOf }: CalibrationOptions,
  isMeasured: (one: S) => boolean = () => true,
): Calibrated & { after: readonly S[] } {
  const part = ({ document }: S) => partOf.get(document)!;
  const after = crossCalibrated(scored, { parts, part }, (others) => calibrationOf(others, method));
  const figures = figuresOf(scored.filter(isMeasured), after.filter(isMeasured));
  const calibration = figures.after < figures.before ? calibrationOf(scored, method) : undefined;
  return calibration === undefined
    ? { calibration, figures: { ...figures, after: figures.before }, after: scored }
    : { calibration, figures, after };
}

function calibrationOf(scored: readonly Scored[], method: CalibrationMethod): Calibration | undefined {
  return canCalibrate(scored) ? calibrate(scored, method) : undefined;
}

function figuresOf(before: readonly Scored[], after: readonly Scored[]): CalibrationFigures {
  return {
    count: before.length,
    before: reliabilityOf(before).error,
    after: reliabilityOf(after).error,
  };
}
