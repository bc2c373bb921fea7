import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsOf } from '../../src/run/session.js';
import { describeTeachers, findTeachers } from '../../src/run/teachers.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();

test('a teacher is the same with a gate, and another with other weights', async () => {
  const checkpoint = folder();
  const describe = () =>
    describeTeachers([{ run: 'run', checkpoint, teaches: new Set(), trainedOnHeldOut: 0 }]);
  writeFileSync(join(checkpoint, 'model.safetensors'), 'these');
  const before = await describe();
  writeFileSync(join(checkpoint, 'gate.json'), '{}');
  expect(await describe()).toEqual(before);
  writeFileSync(join(checkpoint, 'model.safetensors'), 'those');
  expect(await describe()).not.toEqual(before);
});

test('a document whose twin a teacher was trained on is one that it knows', async () => {
  const run = folder();
  const best = join(run, 'checkpoints', 'best');
  mkdirSync(best, { recursive: true });
  const config = tinyConfig({ data: { corpus: '.' }, training: { teacher: { runs: [run] } } });
  writeFileSync(join(best, 'meddoprof.json'), JSON.stringify(settingsOf(config)));
  const split = { seed: 1, training: ['a', 'b'], validation: ['c', 'd'] };
  writeFileSync(join(run, 'split.json'), JSON.stringify(split));
  const letters = 'a b c d e f g h i j k l';
  const texts = { a: letters, b: 'x', c: letters.replace('k l', 'y z'), d: 'w' };
  const documents = Object.entries(texts).map(([name, text]) => ({ name, text, spans: {}, codes: [] }));
  const own = { seed: 1, training: ['c', 'd'], validation: ['a', 'b'] };
  const [teacher] = await findTeachers(config, { documents, hash: 'here' }, own);
  expect([...teacher!.teaches]).toEqual(['d']);
});
