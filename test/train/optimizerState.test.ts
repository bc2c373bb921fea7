import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import type { ParameterSlot } from '../../src/model/parameters.js';
import { filled } from '../../src/model/part.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { adamSlot } from '../../src/ops/adam.js';
import { variable } from '../../src/ops/variable.js';
import { besideModel, restoreState, saveState, updatesOf } from '../../src/train/optimizerState.js';
import { describeEngines } from '../support/engines.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const parts = ['weight', 'first', 'second', 'average'] as const;
type Values = Partial<Record<(typeof parts)[number], number[]>>;

/** Slots of these values, two in a row, and how often each was updated. */
function slotsOf(given: Record<string, Values & { updates: number }>): Map<string, ParameterSlot> {
  const slots = new Map<string, ParameterSlot>();
  for (const [name, { updates, ...values }] of Object.entries(given))
    tf.tidy(() => {
      const of = (part: (typeof parts)[number]) => tf.tensor2d(values[part] ?? [0, 0], [1, 2]);
      const slot: ParameterSlot = {
        ...adamSlot(variable(name, of('weight'))),
        updates,
        spec: { name, shape: [1, 2], initial: filled(0), group: 0 },
      };
      if (values.average) slot.average = variable(`${name}.average`, of('average'));
      for (const part of ['first', 'second'] as const) slot[part].assign(of(part));
      slots.set(name, slot);
    });
  return slots;
}

/** What the slots are, and an end of them. */
function taken(slots: ReadonlyMap<string, ParameterSlot>) {
  const all = [...slots].map(([name, slot]) => {
    const own = parts.flatMap((part) => {
      const values = slot[part] && tf.tidy(() => [...slot[part]!.read().dataSync()]);
      slot[part]?.dispose();
      return values ? [[part, values]] : [];
    });
    return [name, { ...Object.fromEntries(own), updates: slot.updates }];
  });
  return Object.fromEntries(all) as Record<string, Values & { updates: number }>;
}

describeEngines(
  'the state of an optimizer',
  () => {
    const saved = {
      a: { weight: [1, 2], first: [3, 4], second: [5, 6], updates: 7 },
      constructor: { weight: [8, 9], first: [10, 11], second: [12, 13], average: [14, 15], updates: 3 },
    };

    test('comes back as it was, with the weights where the model is their average', async () => {
      const file = join(folder(), 'training.safetensors');
      const before = slotsOf(saved);
      await saveState(file, before, besideModel, (_, values) => values);
      const updates = updatesOf(before);
      taken(before);
      expect(updates).toEqual({ a: 7, constructor: 3 });
      const opened = await openSafetensors(file);
      expect([...opened.entries.keys()].sort()).toEqual([
        ...['a.first', 'a.second'],
        ...['constructor.first', 'constructor.second', 'constructor.weight'],
      ]);
      const fresh = slotsOf({
        a: { weight: [20, 21], updates: 0 },
        constructor: { weight: [22, 23], average: [24, 25], updates: 0 },
      });
      await restoreState(opened, fresh, besideModel, updates);
      await opened.close();
      expect(taken(fresh)).toEqual({
        a: { ...saved.a, weight: [20, 21] }, // the model has it
        constructor: { ...saved.constructor, average: [24, 25] },
      });
    });

    test('has had no updates where none are told of, whatever a parameter is called', async () => {
      const file = join(folder(), 'training.safetensors');
      const slots = slotsOf(saved);
      await saveState(file, slots, besideModel, (_, values) => values);
      const opened = await openSafetensors(file);
      await restoreState(opened, slots, besideModel, { a: 2 });
      await opened.close();
      const after = Object.entries(taken(slots)).map(([name, { updates }]) => [name, updates]);
      expect(after).toEqual([['a', 2], ['constructor', 0]]); // prettier-ignore
    });

    test('is refused where it is of another parameter, by its name', async () => {
      const file = join(folder(), 'training.safetensors');
      const slots = slotsOf({ a: saved.a });
      await saveState(file, slots, besideModel, (_, values) => values);
      taken(slots);
      const opened = await openSafetensors(file);
      const others = slotsOf({ a: saved.a, b: { updates: 0 } });
      const restored = restoreState(opened, others, besideModel, {});
      await expect(restored).rejects.toThrow(InputError);
      await expect(restored).rejects.toThrow(/b\.first has shape \[none\], and this training has \[1,2\]/);
      await opened.close();
      taken(others);
    });
  },
  ['native', 'wasm'],
);
