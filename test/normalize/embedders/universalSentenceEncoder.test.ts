import { expect, test } from '@jest/globals';
import { universalSentenceEncoder } from '../../../src/normalize/embedders/universalSentenceEncoder.js';
import { writeFiles } from '../../support/corpus.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();

function encoderFolder(paths: string[]): string {
  const path = folder();
  const model = { modelTopology: {}, weightsManifest: [{ paths, weights: [] }] };
  writeFiles(path, { 'model.json': JSON.stringify(model), 'vocab.json': '[["la", -1]]', a: 'x', b: 'y' });
  return path;
}

test('a Universal Sentence Encoder is opened with all its shards', async () => {
  const { dimension } = await universalSentenceEncoder(encoderFolder(['a', 'b']));
  expect(dimension).toBe(512);
});

test('a Universal Sentence Encoder that names a shard twice is refused: a small file could ask for gigabytes', async () => {
  await expect(universalSentenceEncoder(encoderFolder(['a', 'b', 'a']))).rejects.toThrow(
    /model\.json: it names a twice; fetch npm:/,
  );
});
