import { link, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';
import { exists } from '../files/text.js';
import { syncFile, writeAtomically } from '../files/write.js';
import type { ModelSettings } from '../formats/model.js';
import { readStored } from '../formats/stored.js';
import { trainingFormat, type TrainingState } from '../formats/training.js';
import { checkFinite } from '../model/finite.js';
import { saveModel } from '../model/folder.js';
import { wholeValues, type Parameters } from '../model/parameters.js';
import { openSafetensors } from '../model/weights/safetensors.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { besideModel, restoreState, saveState, updatesOf, type Checked } from './optimizerState.js';
import type { Progress } from './events.js';

const STATE = 'state.json';
const STATE_TENSORS = 'training.safetensors';

export interface CheckpointModel {
  settings: ModelSettings;
  tokenizer: Pick<Tokenizer, 'save'>;
  /** Where the rows of the word table that are not held in training come from. */
  base: Pick<WeightFile, 'read'> | undefined;
}

/**
 * Writes the folder of a checkpoint: the model as `openCheckpoint` reads it, training.safetensors (Adam's moments, and the
 * weights where the model is their average; of the held rows only) and state.json. It is there whole or not at all: a new folder takes the
 * old one's place when everything is in it.
 * @throws NotFinite where a parameter or moment is no number any more: the old one stays
 */
export async function saveCheckpoint(
  folder: string,
  parameters: Parameters,
  progress: Progress,
  model: CheckpointModel,
): Promise<void> {
  await replaceFolder(folder, async (fresh) => {
    const checked: Checked = async (name, values) => checkFinite(await values, name, folder);
    await saveModel(fresh, parameters.model, model, (name) =>
      checked(name, wholeValues(parameters, name, model.base)),
    );
    await saveState(join(fresh, STATE_TENSORS), parameters.slots, besideModel, checked);
    const updates = updatesOf(parameters.slots);
    const state: TrainingState = { format: 1, progress, updates };
    await writeAtomically(join(fresh, STATE), `${JSON.stringify(state, null, 2)}\n`);
  });
}

/** Makes `folder` the model of a checkpoint that is there, without the optimizer's state; costs no disk. */
export async function linkModel(checkpoint: string, folder: string): Promise<void> {
  await linkFolder(checkpoint, folder, [STATE_TENSORS, STATE]);
}

/** Makes `folder` another name for the files of one that is there, but for some; copies where links can't be. */
export async function linkFolder(from: string, folder: string, except: string[] = []): Promise<void> {
  await replaceFolder(folder, async (fresh) => {
    for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || except.includes(entry.name)) continue;
      const file = join(entry.parentPath, entry.name);
      const to = join(fresh, relative(from, file));
      await mkdir(dirname(to), { recursive: true });
      await link(file, to).catch(async () => {
        await copyFile(file, to);
        await syncFile(to);
      });
    }
  });
}

/**
 * Brings the optimizer's state of a checkpoint back (the model's values are read already) and tells how far
 * the training had come. @throws InputError naming the file that is damaged or of another model
 */
export async function restoreOptimizer(folder: string, parameters: Parameters): Promise<Progress> {
  const state = await readStored(join(folder, STATE), trainingFormat);
  checkSums(join(folder, STATE), state, parameters);
  const file = await openSafetensors(join(folder, STATE_TENSORS));
  try {
    await restoreState(file, parameters.slots, besideModel, state.updates);
  } finally {
    await file.close();
  }
  return state.progress;
}

/** What was summed up since the last log goes on only with the outputs that it was summed of. */
function checkSums(file: string, { progress: { unlogged } }: TrainingState, { model }: Parameters): void {
  const outputs = model.head.outputs.length;
  if (unlogged && unlogged.sums.length !== 2 + outputs)
    throw new InputError(
      `${file}: progress.unlogged.sums are not those of a model with ${outputs} output${outputs === 1 ? '' : 's'}: the checkpoint is damaged, or of another config`,
    );
}

/**
 * Finishes or undoes what a killed process left of `replaceFolder`. Returns whether `folder` is there.
 */
export async function recoverFolder(folder: string): Promise<boolean> {
  if (!(await exists(folder))) {
    const candidate = (await exists(done(folder))) ? done(folder) : old(folder);
    if (await exists(candidate)) await rename(candidate, folder);
  }
  for (const left of [fresh(folder), done(folder), old(folder)])
    await rm(left, { recursive: true, force: true });
  return exists(folder);
}

const fresh = (folder: string) => `${folder}.new`;
const done = (folder: string) => `${folder}.done`;
const old = (folder: string) => `${folder}.old`;

/** Writes a folder that takes the place of the one that is there, when all is in it. */
export async function replaceFolder(folder: string, write: (fresh: string) => Promise<void>): Promise<void> {
  await recoverFolder(folder);
  try {
    await mkdir(fresh(folder), { recursive: true });
    await write(fresh(folder));
  } catch (error) {
    await rm(fresh(folder), { recursive: true, force: true });
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new InputError(
        `${folder} cannot be written: no space left on the disk; the last one is untouched`,
        { cause: error },
      );
    throw error;
  }
  await rename(fresh(folder), done(folder)); // from here on it is whole
  if (await exists(folder)) await rename(folder, old(folder));
  await rename(done(folder), folder);
  await syncFile(dirname(folder));
  await rm(old(folder), { recursive: true, force: true });
}
