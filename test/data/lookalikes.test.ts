import { expect, test } from '@jest/globals';
import { readCorpus } from '../../src/data/corpus.js';
import { evaluateFolders } from '../../src/eval/folders.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const [composed, decomposed] = ['SITUACI\u00d3N', 'SITUACIO\u0301N'];
const tasks = { ner: { folder: 'task1', labels: [composed] } };

test.each([
  ['brat', { 'task1/a.txt': 'jefa', 'task1/a.ann': `T1\t${decomposed} 0 4\tjefa\n` }],
  ['conll', { 'a.conll': `jefa B-${decomposed}\n` }],
] as const)('a label that only looks like one of a task is told as that (%s)', async (format, files) => {
  const { faults } = await readCorpus(writeFiles(folder(), files), tasks, { format });
  expect(faults.map(({ message }) => message).join()).toMatch(
    /ignored\. One that is listed has a name that looks the same in another Unicode normal form/,
  );
});

test('so are labels of which nothing is scored', async () => {
  const place = writeFiles(folder(), { 'a.ann': `T1\t${decomposed} 0 4\tjefa\n` });
  await expect(evaluateFolders(place, place, [composed])).rejects.toThrow(
    /its labels are \S+\. One that is scored has a name that looks the same/,
  );
});
