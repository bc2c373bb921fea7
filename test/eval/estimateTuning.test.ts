import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawResamples, percentileInterval } from '../../src/eval/bootstrap.js';
import { estimateTuning, tuneTask, type EstimateOptions } from '../../src/eval/estimateTuning.js';
import { steadyThresholds, type TuningDocument, type TuningTask } from '../../src/eval/steadyThresholds.js';
import { tuneThresholds } from '../../src/eval/thresholds.js';

const LEAST = 0.01;
const labels = ['A', 'B'];
const span = fc.tuple(fc.integer({ min: 1, max: 19 }), fc.boolean()).map(([twentieths, right]) => {
  return { above: -1, upTo: twentieths / 20, right };
});
const document = fc
  .array(fc.tuple(fc.array(span, { maxLength: 4 }), fc.nat(1)), { minLength: 2, maxLength: 2 })
  .map((own): TuningDocument => {
    const right = own.map(([spans]) => spans.filter((one) => one.right).length);
    return { spans: own.map(([spans]) => spans), gold: own.map(([, missed], i) => missed + right[i]!) };
  });
const tasks = fc
  .array(document, { minLength: 4, maxLength: 12 })
  .map((documents): TuningTask => ({ labels, thresholds: [0.5, 0.4], documents }));
const options = { least: LEAST, parts: 3, level: 0.9, resamples: 40, seed: 3 };
const partOf = ({ documents }: TuningTask) => Int32Array.from(documents, (_, i) => i % 3);

/** What is right, found and gold of some labels in a document. */
function count({ spans, gold }: TuningDocument, thresholds: readonly number[], which: number[]): number[] {
  const found = which.flatMap((label) => spans[label]!.filter(({ upTo }) => thresholds[label]! <= upTo));
  const right = found.filter((one) => one.right).length;
  return [right, found.length, which.reduce((sum, label) => sum + gold[label]!, 0)];
}
const sum = (all: number[][]) => [0, 1, 2].map((i) => all.reduce((total, one) => total + one[i]!, 0));
const f1Of = ([right, found, gold]: number[]) => (right === 0 ? 0 : (2 * right!) / (found! + gold!));

describe('what tuning gains', () => {
  test('is counted on documents by thresholds that the other parts alone have set', () =>
    fc.assert(
      fc.asyncProperty(tasks, async (task) => {
        const parts = partOf(task);
        const given: EstimateOptions = { ...options, partOf: parts };
        const rows = await estimateTuning(task, { kind: 'f1' }, given);
        const tuned = task.documents.map((_, i) => {
          const others = task.documents.filter((_, other) => parts[other] !== parts[i]);
          return tuneTask({ ...task, documents: others }, { kind: 'f1' }, LEAST).thresholds;
        });
        const resamples = drawResamples(task.documents.length, options.resamples, options.seed);
        for (const [row, which] of [[0, 1], [0], [1]].entries()) {
          const before = task.documents.map((one) => count(one, task.thresholds, which));
          const after = task.documents.map((one, i) => count(one, tuned[i]!, which));
          const { gold, before: was, after: is, change } = rows[row]!;
          expect(gold).toBe(sum(before)[2]);
          for (const [found, ratios] of [[sum(before), was], [sum(after), is]] as const) // prettier-ignore
            expect([ratios.truePositives, ratios.truePositives + ratios.falsePositives]).toEqual(found.slice(0, 2)); // prettier-ignore
          const changes = Float64Array.from({ length: options.resamples }, (_, resample) => {
            const drawn = task.documents.flatMap((_, i) =>
              Array<number>(resamples.times[resample * task.documents.length + i]!).fill(i),
            );
            return f1Of(sum(drawn.map((i) => after[i]!))) - f1Of(sum(drawn.map((i) => before[i]!)));
          });
          const expected = [f1Of(sum(after)) - f1Of(sum(before)), ...percentileInterval(changes, 0.9)];
          change.f1.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 9));
        }
      }),
      { numRuns: 60 },
    ));
});

test('thresholds for F1 are the steady ones near the best F1 that there is', () =>
  fc.assert(
    fc.property(tasks, (task) => {
      const { documents, thresholds } = task;
      const best = tuneThresholds(
        labels.map((label, i) => ({
          label,
          threshold: thresholds[i]!,
          spans: documents.flatMap(({ spans }) => spans[i]!),
          gold: documents.reduce((total, { gold }) => total + gold[i]!, 0),
        })),
        { kind: 'f1' },
        LEAST,
      );
      const top = labels.map((label) => best.thresholds[label]!);
      const f1 = f1Of(sum(documents.map((one) => count(one, top, [0, 1]))));
      expect(tuneTask(task, { kind: 'f1' }, LEAST)).toEqual({
        thresholds: steadyThresholds(task, { thresholds: top, f1 }, LEAST),
        reached: true,
      });
    }),
    { numRuns: 300 },
  ));
