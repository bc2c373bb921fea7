import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listRuns } from '../../src/runFolder/list.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('a run is listed while it writes checkpoints, whose folders come and go', async () => {
  const run = folder();
  writeFileSync(join(run, 'run.json'), JSON.stringify({ versions: { meddoprof: '0.1.0' } }));
  const checkpoints = join(run, 'checkpoints');
  for (let i = 0; i < 20; i++) mkdirSync(join(checkpoints, 'kept', `${i}`), { recursive: true });
  let isWriting = true;
  const write = async (name: string) => {
    const [fresh, last] = [join(checkpoints, `${name}.new`), join(checkpoints, name)];
    while (isWriting) {
      await mkdir(fresh);
      await writeFile(join(fresh, 'state.json'), '{}');
      await rename(fresh, last);
      await rm(last, { recursive: true });
    }
  };
  const writers = ['last', 'best', 'other'].map(write);
  try {
    for (let i = 0; i < 15; i++) expect(await listRuns(run)).toMatchObject([{ folder: run }]);
  } finally {
    isWriting = false;
    await Promise.all(writers);
  }
});
