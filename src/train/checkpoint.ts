import { join } from 'node:path';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';
import { writeJson } from '../files/json.js';
import { isSameFile, linkFolder, replaceFolder } from '../files/replace.js';
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
    await writeJson(join(fresh, STATE), state);
  });
}

/**
 * Makes `folder` the model of a checkpoint that is there, without the optimizer's state; costs no disk. Where it is that model
 * already it stays as it is, with what was added to it since: a gate.
 */
export async function linkModel(checkpoint: string, folder: string): Promise<void> {
  if (await isSameFile(join(checkpoint, 'model.safetensors'), join(folder, 'model.safetensors'))) return;
  await linkFolder(checkpoint, folder, [STATE_TENSORS, STATE]);
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
