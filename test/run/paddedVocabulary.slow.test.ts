import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWeights } from '../../src/model/weights/open.js';
import { runToEnd } from '../support/runToEnd.js';
import { describeShared, sharedFile } from '../support/shared.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const home = 'cases/padded-vocabulary';

describeShared('an encoder whose word table has more rows than vocab.txt has pieces', home, () => {
  test('is opened, trained and saved with all its rows', async () => {
    const encoder = sharedFile(home);
    const pieces = readFileSync(join(encoder, 'vocab.txt'), 'utf8').trimEnd().split('\n');
    const before = await openWeights(encoder);
    expect([pieces.length, before.tokenizer.size, before.config.vocabularySize]).toEqual([137, 137, 147]);

    const changes = { encoder: { weights: encoder }, training: { epochs: { count: 1, rate: 1e-3 } } };
    const { config, out } = await tinyRun(folder(), changes, 8);
    await runToEnd(config, { folder: out, resume: false });
    const after = await openWeights(join(out, 'checkpoints/best'));
    expect(after.config.vocabularySize).toBe(147);
    const words = [...after.weights.entries.keys()].find((name) => name.endsWith('word_embeddings.weight'))!;
    const padding = { start: 137, count: 10 };
    expect(await after.weights.read(words, padding)).toEqual(await before.weights.read(words, padding));
    await Promise.all([before.weights.close(), after.weights.close()]);
  });
});
