import { expect, test } from '@jest/globals';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext } from '../../src/context.js';
import { pretrainEncoder } from '../../src/run/pretrain.js';
import { leaveLock } from '../support/deadLock.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();
const weights = join(fixtureFolder, 'tiny-bert');

/** A folder that a pretraining made, and how it refuses a second one. */
function given() {
  const made = join(folder(), 'made');
  const log = [{ step: 4, rate: 0.001, loss: 2.5, distance: null }];
  const counts = { training: 1, heldOut: 0 };
  const report = { format: 1, weights, layers: null, texts: counts, steps: 4, before: null, after: null, log, seed: 1, versions: {} }; // prettier-ignore
  mkdirSync(made);
  writeFileSync(join(made, 'pretraining.json'), JSON.stringify(report));
  const leave = (loss: number) => {
    const state = { format: 1, key: '', steps: 4, updates: {}, before: null, log: [{ ...log[0], loss }] };
    mkdirSync(`${made}.part`, { recursive: true });
    writeFileSync(join(`${made}.part`, 'state.json'), JSON.stringify(state));
  };
  const refused = async () => {
    const config = tinyConfig({ data: { corpus: '.' }, encoder: { weights } });
    const { message } = await pretrainEncoder(config, made, createContext()).catch((error: Error) => error) as Error; // prettier-ignore
    return message.replaceAll(made, 'made');
  };
  return { made, leave, refused };
}

test('a pretraining into a folder that is there is refused, and what a killed one left of its lock is removed', async () => {
  const { made, refused } = given();
  leaveLock(`${made}.lock`);
  expect(await refused()).toBe('made is there already: choose another --out');
  expect(existsSync(`${made}.lock`)).toBe(false);
});

test('what a pretraining kept that was killed when its folder was there is removed', async () => {
  const { made, leave, refused } = given();
  leave(2.5);
  expect(await refused()).toBe('made is there already: choose another --out');
  expect(existsSync(`${made}.part`)).toBe(false);
});

test('what another pretraining kept stays, and is told', async () => {
  const { made, leave, refused } = given();
  leave(2.25);
  expect(await refused()).toBe(
    'made is there already: choose another --out; made.part is what another pretraining had until a stop',
  );
  writeFileSync(join(`${made}.part`, 'state.json'), '{"form');
  expect(await refused()).toContain('made.part is what another pretraining had until a stop');
  expect(existsSync(`${made}.part`)).toBe(true);
});
