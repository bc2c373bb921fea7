import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { predictionSettings } from '../../src/predict/settings.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test.each([
  ['a task without a name', '"ner":', '"":', /tasks.*a task is named with letters, digits and _/],
  ['windows longer than a config has', '"windowPieces": 48', '"windowPieces": 4', /windowPieces/],
])('a checkpoint with %s is told in one sentence that names its file', async (_, part, other, message) => {
  const model = join(folder(), 'model');
  await saveTinyModel(model, 'tiny-distilbert');
  const file = join(model, 'meddoprof.json');
  const content = readFileSync(file, 'utf8');
  expect(content).toContain(part);
  writeFileSync(file, content.replace(part, other));
  const reading = predictionSettings(model, []);
  await expect(reading).rejects.toThrow(message);
  await expect(reading).rejects.toThrow(
    new RegExp(`^${file} cannot be read as the settings of a checkpoint: [^\n]*$`),
  );
});
