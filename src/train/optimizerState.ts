import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import { InputError } from '../errors.js';
import type { ParameterSlot } from '../model/parameters.js';
import type { WeightFile } from '../model/weights/weightFile.js';
import { writeSafetensors } from '../model/weights/writeSafetensors.js';

type Slots = ReadonlyMap<string, ParameterSlot>;
type Part = 'first' | 'second' | 'weight';

/** Values of a tensor as they are; throws where they are none. */
export type Checked = (name: string, values: Promise<Float32Array>) => Promise<Float32Array>;

/** Which parts of a parameter are written. */
export type PartsOf = (slot: ParameterSlot) => readonly Part[];

/** What a checkpoint needs beside its model: Adam's moments, and what is trained where the model is its average. */
export const besideModel: PartsOf = ({ average }) => [
  ...(average ? ['weight' as const] : []),
  'first',
  'second',
];

/** Writes parts of what is trained, each as `<name>.<part>`, of the rows that are held. */
export function saveState(file: string, slots: Slots, partsOf: PartsOf, checked: Checked): Promise<void> {
  const tensors = [...slots].flatMap(([name, slot]) =>
    partsOf(slot).map((part) => ({
      name: `${name}.${part}`,
      shape: slot.weight.shape,
      dtype: 'F32' as const,
      read: () => checked(`${name}.${part}`, take(slot[part].read())),
    })),
  );
  return writeSafetensors(file, tensors);
}

/**
 * Brings back what `saveState` wrote, and how often each was updated.
 * @throws InputError naming the tensor that does not fit
 */
export async function restoreState(
  file: WeightFile,
  slots: Slots,
  partsOf: PartsOf,
  updates: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [name, slot] of slots) {
    for (const part of partsOf(slot)) {
      const entry = file.entries.get(`${name}.${part}`);
      if (String(entry?.shape) !== String(slot.weight.shape))
        throw new InputError(
          `${file.file}: ${name}.${part} has shape [${entry?.shape ?? 'none'}], and this training has [${slot.weight.shape}]: was it resumed with another corpus?`,
        );
      const tensor = tf.tensor(await file.read(`${name}.${part}`), slot.weight.shape);
      slot[part].assign(tensor);
      tensor.dispose();
    }
    slot.updates = Object.hasOwn(updates, name) ? updates[name]! : 0;
  }
}

/** How often each was updated. */
export function updatesOf(slots: Slots): Record<string, number> {
  return Object.fromEntries([...slots].map(([name, slot]) => [name, slot.updates]));
}
