import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test.each(['none', 'a-1'])(
  'what is no run (%s) cannot be gone on with, and is told as such',
  async (name) => {
    const run = join(writeFiles(folder(), { 'a-1/notes.txt': '' }), name);
    const { stderr, value } = await captureOutput(() => runProgram(['train', '--resume', run]));
    expect([value, stderr]).toEqual([
      2,
      expect.stringMatching(`^error: ${run} is no run to go on with: it has no config`),
    ]);
  },
);
