import { expect, test } from '@jest/globals';
import { InputError } from '../../src/errors.js';
import { tunedSettings } from '../../src/runFolder/tuned.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('a packed model has no tuned thresholds, and no advice to tune it', async () => {
  const packed = writeFiles(folder(), { 'meddoprof.json': '{}' });
  await expect(tunedSettings(packed)).rejects.toThrow(
    new InputError(
      `${packed} is no run, and thresholds are tuned for runs: name the run, or leave --tuned out (pack --tuned puts them into what it makes)`,
    ),
  );
});
