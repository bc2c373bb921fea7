import { beforeAll, describe, expect, test } from '@jest/globals';
import { calibrated, type Calibration } from '../../src/data/calibration.js';
import { randomFrom } from '../../src/data/random.js';
import { calibrate, type Scored } from '../../src/eval/calibrate.js';
import { reliabilityOf } from '../../src/eval/reliability.js';
import { calibrateTask } from '../../src/run/calibrateScores.js';
import type { ScoredDocument } from '../../src/runFolder/tuning.js';

const PARTS = 3;
const options = {
  method: 'isotonic' as const,
  parts: PARTS,
  partOf: new Map(Array.from({ length: 60 }, (_, i) => [`d${i}`, i % PARTS])),
};

/** Spans whose scores say so much, and of which a share is right. */
function drawn(random: ReturnType<typeof randomFrom>, count: number, share: (score: number) => number) {
  return Array.from({ length: count }, () => {
    const score = 0.3 + 0.7 * random.next();
    return { score, above: -1, upTo: score, right: random.next() < share(score) };
  });
}

/** The labels of sixty documents: too sure of itself, as sure as it is right, and one of which little is found. */
function documentsOf(): ScoredDocument[] {
  const random = randomFrom(5);
  return Array.from({ length: 60 }, (_, i) => {
    const sure = drawn(random, 5, (score) => score / 3);
    const honest = drawn(random, 5, (score) => score);
    return {
      name: `d${i}`,
      spans: [sure, honest, i < 8 ? drawn(random, 1, () => 0.5) : []],
      gold: [5, 5, 1],
    };
  });
}
const THRESHOLDS = [0.5, 0.4, 0.35];

describe('the calibration of what thresholds find of a task', () => {
  const documents = documentsOf();
  /** What is found of a label, with its document. */
  const foundOf = (label: number) =>
    documents.flatMap(({ name, spans }) =>
      spans[label]!.filter(({ upTo }) => upTo >= THRESHOLDS[label]!).map((span) => ({ ...span, name })),
    );
  /** Its scores as calibrations make them that are of the other documents alone. */
  const calibratedByOthers = (label: number): Scored[] =>
    foundOf(label).map(({ name, score, right }) => {
      const own = options.partOf.get(name);
      const others = foundOf(label).filter((other) => options.partOf.get(other.name) !== own);
      return { right, score: calibrated(score, calibrate(others, 'isotonic')) };
    });
  const errorOf = (scored: readonly Scored[]) => reliabilityOf(scored).error;
  let made: ReturnType<typeof calibrateTask>;
  beforeAll(() => {
    made = calibrateTask(documents, THRESHOLDS, options);
  });

  test('is that of all documents where calibrations of others bring scores nearer', () => {
    const [before, after] = [foundOf(0), calibratedByOthers(0)];
    expect(errorOf(after)).toBeLessThan(errorOf(before)); // or this says nothing
    expect(made.labels[0]!.calibration).toEqual(calibrate(before, 'isotonic'));
    const figures = { count: before.length, before: errorOf(before), after: errorOf(after) };
    expect(made.labels[0]!.figures).toEqual(figures);
    expect(before.length).toBeLessThan(300); // those below the threshold are not among them
  });

  test('is none where they bring them no nearer, or there are too few', () => {
    expect(errorOf(calibratedByOthers(1))).toBeGreaterThan(errorOf(foundOf(1)));
    for (const label of [1, 2]) {
      const error = errorOf(foundOf(label));
      expect(made.labels[label]).toMatchObject({
        calibration: undefined as Calibration | undefined,
        figures: { count: foundOf(label).length, before: error, after: error },
      });
    }
  });

  test('has for all labels together the errors of the scores as they would be, label by label', () => {
    const before = [0, 1, 2].flatMap(foundOf);
    expect(made.all).toEqual({
      count: before.length,
      before: errorOf(before),
      after: errorOf([...calibratedByOthers(0), ...foundOf(1), ...foundOf(2)]),
    });
  });
});
