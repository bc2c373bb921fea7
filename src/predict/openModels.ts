import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine, type EngineChoice } from '../backend/engine.js';
import { inWay } from '../backend/precision.js';
import type { Engine } from '../backend/started.js';
import type { Config } from '../config/schema.js';
import { checkSettable, PREDICTION } from '../config/settable.js';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { modelFolders } from '../fetch/named.js';
import { openEmbedder } from '../normalize/embedders/open.js';
import { openNormalizer } from '../normalize/folder.js';
import type { Normalizer } from '../normalize/normalizer.js';
import { readStatus } from '../runFolder/status.js';
import { tunedSettings } from '../runFolder/tuned.js';
import { decodingBy, openTogether, type Together } from './ensemble.js';
import { checkpointOf, predictionSettings } from './settings.js';

export interface OpenModelsOptions extends Partial<EngineChoice> {
  checkpoint?: 'best' | 'last';
  /** Windows that are computed together. */
  batchSize?: number;
  /** Take the thresholds that were tuned for the first. */
  tuned?: boolean;
  /** Read no window to its end in which the gate finds nothing that `meddoprof gate` has made of each run. */
  earlyExit?: boolean;
  /** Settings of --set. */
  set?: readonly string[];
}

/** Models on an engine, ready to predict together in the way of `backend`. */
export interface OpenedModels extends Together, Pick<Config, 'backend' | 'decoding'> {
  engine: Engine;
  /** What finds codes; where the first run has it. */
  normalizer: Normalizer | undefined;
}

/**
 * Starts an engine, and puts the models of runs or checkpoints on it, with what finds codes of the first. The first one's
 * settings decide, as `set` changes them.
 * @throws UsageError for a setting that is wrong or has no effect, or models that find different things; InputError for a
 * folder that has no checkpoint, or a damaged one, or an engine that is not there
 */
export async function openModels(
  runs: readonly [string, ...string[]],
  options: OpenModelsOptions,
  context: Context,
): Promise<OpenedModels> {
  const { checkpoint = 'best', batchSize = 16, tuned = false, earlyExit, set = [] } = options;
  const { engine, device, precision } = options;
  checkSettable('predict', set, PREDICTION);
  const homes = await modelFolders(runs, context);
  const folders = homes.map((run) => checkpointOf([join(run, 'checkpoints', checkpoint), run]));
  for (const home of homes) await noticeUnfinished(home, context);
  const given = Object.entries({ engine, device, precision }).filter(([, value]) => value !== undefined);
  const thresholds = tuned ? await tunedSettings(homes[0]) : [];
  const settings = [...thresholds, ...set, ...given.map(([name, value]) => `backend.${name}=${value}`)];
  const { backend, decoding, normalization } = await predictionSettings(folders[0]!, settings);
  const saved = join(homes[0], 'normalizer');
  const hasNormalizer = existsSync(saved);
  if (!hasNormalizer && set.some((setting) => setting.startsWith('normalization')))
    throw new UsageError('--set normalization has no effect: the run has nothing that finds codes');
  const started = await startEngine(backend, context);
  return inWay(backend, async () => {
    const together = await openTogether(folders, { batchSize, earlyExit }, context);
    try {
      const normalizer = hasNormalizer
        ? await openNormalizer(saved, openEmbedder, context, normalization)
        : undefined;
      const dispose = () => {
        normalizer?.dispose();
        together.dispose();
      };
      const predictors = decodingBy(together.predictors, decoding);
      return { tasks: together.tasks, predictors, engine: started, backend, decoding, normalizer, dispose };
    } catch (error) {
      together.dispose();
      throw error;
    }
  });
}

/** Tells people that a run is not finished: its checkpoint is half trained, and predicts all the same. */
async function noticeUnfinished(home: string, { notice }: Context): Promise<void> {
  const status = await readStatus(home);
  if (!status || !['running', 'failed', 'interrupted'].includes(status.state)) return;
  const { done, of } = status.epoch;
  const after = status.state === 'running' ? '' : `; it goes on with: meddoprof train --resume ${home}`;
  notice(
    `${home} is ${status.state}, with ${done} of ${of ?? '?'} epochs done: its checkpoint knows no more than that, and what finds codes is made at the end${after}`,
  );
}
