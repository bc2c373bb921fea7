import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { createContext } from '../../src/context.js';
import { openPretraining } from '../../src/run/openPretraining.js';
import { closePretraining, preparePretraining } from '../../src/run/preparePretraining.js';
import { measure } from '../../src/train/pretraining.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();

test('a pretraining measures nothing where no held-out window has a word that may be hidden', async () => {
  await startEngine({ engine: 'auto', device: 'cpu' });
  const texts = folder();
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(texts, `${name}.txt`), `de la ${name}`);
  const config = tinyConfig({
    data: { corpus: '.' },
    encoder: { weights: join(fixtureFolder, 'tiny-bert') },
    pretraining: { texts, heldOutShare: 0.5 },
  });
  const prepared = await preparePretraining(config);
  const { training, dispose } = await openPretraining(config, prepared, createContext());
  expect(prepared.heldOut).not.toEqual([]);
  const nothing = prepared.heldOut.map((batch) => ({ ...batch, masked: 0 }));
  expect(await measure(training, nothing, createContext())).toBeNull();
  dispose();
  await closePretraining(prepared);
});
