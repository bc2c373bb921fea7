import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changedConfig } from '../config/load.js';
import { configSchema, type Config } from '../config/schema.js';
import type { NormalizationConfig } from '../config/sections/normalization.js';
import { InputError } from '../errors.js';
import { holdTo } from '../files/json.js';
import { modelFormat } from '../formats/model.js';
import { readModelSettings } from '../model/folder.js';

export interface PredictionSettings extends Pick<Config, 'decoding' | 'backend'> {
  /** Changes the settings of what finds codes. */
  normalization(saved: NormalizationConfig): NormalizationConfig;
}

/**
 * What a checkpoint predicts by, as --set changes it; what computes is none of the checkpoint's.
 * @throws UsageError for a setting that is wrong, or has no effect on this model
 */
export async function predictionSettings(
  checkpoint: string,
  set: readonly string[],
): Promise<PredictionSettings> {
  const { tasks, model, windows, decoding } = await readModelSettings(checkpoint);
  const { windowPieces, windowStride, windowContext } = windows;
  const data = {
    corpus: '.',
    windowPieces,
    windowContext,
    windowStride: Math.min(windowStride, windowPieces - 2),
  };
  const file = join(checkpoint, 'meddoprof.json');
  const settings = { tasks, data, model, decoding };
  const saved = holdTo(configSchema, settings, file, modelFormat.what, modelFormat.advice);
  const changed = (config: Config) => changedConfig(config, file, set);
  return {
    ...changed(saved),
    normalization: (normalization) => changed({ ...saved, normalization }).normalization,
  };
}

/** The first of the folders that holds a checkpoint. @throws InputError where none does */
export function checkpointOf(candidates: readonly string[]): string {
  const folder = candidates.find((candidate) => existsSync(join(candidate, 'meddoprof.json')));
  if (folder) return folder;
  throw new InputError(
    `there is no checkpoint in ${candidates.join(' nor in ')}: train one with meddoprof train`,
  );
}
