import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { sizeOf } from '../../src/model/weights/weightFile.js';
import { planRun } from '../../src/run/plan.js';
import { runToEnd } from '../support/runToEnd.js';
import type { EpochEvent, StepEvent, TrainingEvent } from '../../src/train/events.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** Trains, and returns what the training told on the way. */
async function events(
  config: Config,
  out: string,
): Promise<{ steps: StepEvent[]; epochs: EpochEvent[]; updated: number }> {
  const all: TrainingEvent[] = [];
  await runToEnd(config, { folder: out, resume: false }, (event) => {
    if (event.kind === 'step' || event.kind === 'epoch') all.push(event);
  });
  const last = join(out, 'checkpoints/last');
  const { updates } = json(join(last, 'state.json')) as { updates: Record<string, number> };
  const tensors = await openSafetensors(join(last, 'training.safetensors'));
  await tensors.close();
  const sizes = Object.keys(updates).map((name) =>
    updates[name]! > 0 ? sizeOf(tensors.entries.get(`${name}.first`)!.shape) : 0,
  );
  const updated = sizes.reduce((sum, size) => sum + size, 0);
  return {
    steps: all.filter((event) => event.kind === 'step'),
    epochs: all.filter((event) => event.kind === 'epoch'),
    updated,
  };
}

describe('a training', () => {
  test(
    'stops where no epoch was better for as long as patience allows',
    async () => {
      const training = { epochs: { count: 9, rate: 1e-9 }, patience: 2 }; // learns nothing
      const { config, out } = await tinyRun(folder(), { training }, 6);
      const { epochs } = await events(config, out);
      expect(epochs.map(({ isBest, stopsEarly }) => [isBest, stopsEarly])).toEqual([
        [true, false],
        [false, false],
        [false, true],
      ]);
      expect(json(join(out, 'checkpoints/last/state.json')).progress).toMatchObject({
        epoch: 9,
        best: { epoch: 0 },
      });
      const resumed = await runToEnd(config, { folder: out, resume: true });
      expect(resumed).toMatchObject({ progress: { epoch: 9 } });
    },
    patient,
  );

  test(
    'does as the dry run plans: epochs, windows, steps, rates, parameters',
    async () => {
      const frozen = ['embeddings', 0];
      const training = { epochs: { count: 3, rate: 1e-4, decay: 0.5, frozen }, warmupSteps: 1 };
      const { config, out } = await tinyRun(folder(), { training }, 8);
      const plan = await planRun(config);
      const { steps, epochs, updated } = await events(config, out);
      expect(epochs).toHaveLength(plan.epochs.length);
      expect(steps).toHaveLength(plan.steps);
      expect(plan.epochs.map(({ windows }) => windows)).toEqual(['positive', 'full', 'positive']);
      for (const planned of plan.epochs) {
        const own = steps.filter(({ progress }) => progress.epoch === planned.epoch);
        expect(own).toHaveLength(planned.steps);
        expect(own.every(({ stepsOfEpoch }) => stepsOfEpoch === planned.steps)).toBe(true);
        expect(own.reduce((sum, { windows }) => sum + windows, 0)).toBe(planned.count);
        expect(new Set(own.map(({ rate }) => rate))).toEqual(new Set([planned.rate]));
        expect(planned.trainable).toBe(updated);
      }
      expect(plan.documents).toEqual({ training: 6, validation: 2, scored: 2 });
      expect(updated).toBeLessThan(plan.parameters);
    },
    patient,
  );
});
