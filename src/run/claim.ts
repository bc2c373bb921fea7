import { mkdir, rm, rmdir } from 'node:fs/promises';
import { differenceText, resumeDifferences } from '../config/differences.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { UsageError } from '../errors.js';
import { recoverFolder } from '../files/replace.js';
import { unwritable } from '../files/write.js';
import { entriesOf } from '../runFolder/folder.js';
import { lockRun } from '../runFolder/lock.js';
import type { RunPaths } from '../runFolder/paths.js';

/**
 * Claims a folder for a run, or that of a run to resume, and locks it. Tells whether it has a checkpoint.
 * @throws UsageError for a folder that is in use, one that is no run, or a resume with another config; InputError for a file
 */
export async function claimFolder(
  paths: RunPaths,
  config: Config,
  resume: boolean,
): Promise<{ hasCheckpoint: boolean; unlock: () => void }> {
  await checkClaim(paths, config, resume);
  await mkdir(paths.folder, { recursive: true }).catch((error: unknown) => {
    throw unwritable(paths.folder, error);
  });
  const unlock = await lockRun(paths.lock);
  try {
    await checkClaim(paths, config, resume); // it may have been another's until now
    const hasCheckpoint = resume && (await openRun(paths));
    return { hasCheckpoint, unlock };
  } catch (error) {
    unlock();
    await rmdir(paths.folder).catch(() => {}); // where it was made for nothing
    throw error;
  }
}

/** What `claimFolder` checks before it takes a folder: for a plan, too. @throws UsageError as it does */
export async function checkClaim(paths: RunPaths, config: Config, resume: boolean): Promise<void> {
  const { folder } = paths;
  if (folder === '') throw new UsageError('the name of the folder is empty: name one');
  const files = await entriesOf(folder);
  if (!resume && files.length > 0)
    throw new UsageError(
      files.includes('config.yaml')
        ? `${folder} exists already: resume it with --resume ${folder}, or choose another --out`
        : `${folder} is not empty: choose another --out`,
    );
  if (resume && !files.includes('config.yaml'))
    throw new UsageError(`${folder} is no run that could be resumed: it has no config.yaml`);
  if (!resume) return;
  const { config: saved } = await loadConfig(paths.config);
  const [difference] = resumeDifferences(saved, config);
  if (difference)
    throw new UsageError(
      `${paths.config} was made with another config: ${differenceText(difference)}; resume with the same one, or start a new run`,
    );
}

async function openRun(paths: RunPaths): Promise<boolean> {
  await rm(paths.failure, { force: true });
  await recoverFolder(paths.best);
  return recoverFolder(paths.last);
}
