import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchModel } from '../../src/fetch/fetch.js';
import { ownLock } from '../../src/files/lock.js';
import { temporaryFor } from '../../src/files/temporary.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('a fetch that was killed when the model was there leaves nothing once it is asked for again', async () => {
  const home = folder();
  const source = join(home, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'config.json'), '{"model_type": "bert"}');
  writeFileSync(join(source, 'model.safetensors'), '');
  const out = join(home, 'model');
  await fetchModel(source, { out });
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(`${out}.part.lock`, JSON.stringify({ ...ownLock(), pid }));
  mkdirSync(`${out}.part/downloads`, { recursive: true });
  mkdirSync(temporaryFor(out).replace(`.${process.pid}-`, `.${pid}-`)); // the one that was replaced
  expect(await fetchModel(source, { out })).toMatchObject({ already: true });
  expect(readdirSync(home).sort()).toEqual(['model', 'source']);
});
