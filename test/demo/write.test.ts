import { expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { readCorpus } from '../../src/data/corpus.js';
import { readCodes } from '../../src/data/norm.js';
import { readSplit } from '../../src/data/split.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { demoTasks, writeDemoCorpus } from '../../src/demo/write.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('a demo corpus is laid out as the real one and reads back as it was made', async () => {
  const demo = generateCorpus({ seed: 3, documents: 40 });
  const files = await writeDemoCorpus(folder(), demo);
  expect(readdirSync(files.corpus).sort()).toEqual(['norm.tsv', 'task1', 'task2']);
  const { documents, faults } = await readCorpus(files.corpus, demoTasks);
  expect(faults).toEqual([]);
  expect(documents).toEqual(demo.documents);
  expect(await readCodes(files.codes)).toEqual(demo.codes);
  expect(await readSplit(files.split, documents)).toEqual(demo.split);
});
