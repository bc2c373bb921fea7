import { existsSync, readdirSync, statSync } from 'node:fs';
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
    `there is no checkpoint in ${candidates.join(' nor in ')}: ${instead(candidates.at(-1)!)}`,
  );
}

/** What to do about a folder without a checkpoint: name a run that lies in it, or train one. */
function instead(folder: string): string {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory();
  const entries = isFolder ? readdirSync(folder, { withFileTypes: true }) : [];
  const runs = entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'checkpoints')))
    .map(({ name }) => join(folder, name))
    .sort();
  if (runs.length === 0) return 'train one with meddoprof train';
  return `name a run that is in it, as ${runs[0]}`;
}
