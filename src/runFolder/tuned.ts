import { existsSync } from 'node:fs';
import { InputError } from '../errors.js';
import { tunedFormat, type TunedThresholds } from '../formats/tuned.js';
import { readStored } from '../formats/stored.js';
import { runPaths } from './paths.js';

/** What `meddoprof tune` has written into a run's folder, if anything. */
export async function readTuned(folder: string): Promise<TunedThresholds | undefined> {
  const { tuned } = runPaths(folder);
  return existsSync(tuned) ? readStored(tuned, tunedFormat) : undefined;
}

/** The same as settings of --set. @throws InputError where a run has none */
export async function tunedSettings(folder: string): Promise<string[]> {
  const tuned = await readTuned(folder);
  if (!tuned && !existsSync(runPaths(folder).config))
    throw new InputError(
      `${folder} is no run, and thresholds are tuned for runs: name the run, or leave --tuned out (pack --tuned puts them into what it makes)`,
    );
  if (!tuned)
    throw new InputError(
      `${folder} has no tuned thresholds (tuned.json): make them with meddoprof tune ${folder}`,
    );
  const { thresholds, calibration, codeCalibration } = tuned;
  return Object.entries({ thresholds, calibration, codeCalibration })
    .filter(([, value]) => value !== null && Object.keys(value).length !== 0)
    .map(([name, value]) => `decoding.${name}=${JSON.stringify(value)}`);
}
