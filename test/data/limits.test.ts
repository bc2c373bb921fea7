import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus, readTexts } from '../../src/data/corpus.js';
import { splitDocuments } from '../../src/data/split.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const tasks = { ner: { folder: 'task1', labels: ['JOB'] } };
const line = 'T1\tJOB 0 5\tjueza\n';

test('two hundred thousand equal lines of annotations are one span, and each other line a warning', async () => {
  const corpus = await readCorpus(
    writeFiles(folder(), { 'task1/a.txt': 'jueza', 'task1/a.ann': line.repeat(200_000) }),
    tasks,
  );
  expect(corpus.documents[0]!.spans.ner).toEqual([{ label: 'JOB', start: 0, end: 5 }]);
  expect(corpus.faults.filter(({ kind }) => kind === 'duplicate')).toHaveLength(199_999);
});

test('two hundred thousand documents of one text stay on one side of a split', () => {
  const twins = Array.from({ length: 200_000 }, (_, i) => ({ name: `a${i}`, text: 'jueza' }));
  const split = splitDocuments([...twins, { name: 'b', text: 'médica' }], { seed: 1, validationShare: 0.1 });
  expect(split.validation).toEqual(['b']);
  expect(split.training).toHaveLength(200_000);
});

test.each([
  ['a pipe', (file: string) => void execFileSync('mkfifo', [file])],
  ['a device', (file: string) => symlinkSync('/dev/zero', file)],
])(
  '%s among the texts of a corpus, or of a folder to predict, is told and not waited for',
  async (_, make) => {
    const place = writeFiles(folder(), { 'task1/a.txt': 'jueza', 'task1/a.ann': line, 'task1/b.ann': '' });
    const odd = join(place, 'task1', 'b.txt');
    rmSync(odd, { force: true });
    make(odd);
    const message = new RegExp(`^${odd} cannot be read: it is .*, and no file; put a file in its place\\.$`);
    await expect(readCorpus(place, tasks)).rejects.toThrow(message);
    const read = async () => {
      for await (const { name } of readTexts(join(place, 'task1'))) expect(name).toBe('a');
    };
    await expect(read()).rejects.toThrow(message);
  },
);
