import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planPretraining } from '../../src/run/planPretraining.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();

test('a pretraining holds out texts that are twins together, or none of them', async () => {
  const texts = folder();
  const letters = 'a b c d e f g h i j k l'.split(' ');
  for (let i = 0; i < 10; i++) {
    const words = i < 3 ? letters : letters.toReversed();
    writeFileSync(join(texts, `${i}.txt`), words.with(0, 'xyz'[i % 3]!).join(' '));
  }
  const config = tinyConfig({
    data: { corpus: '.', windowPieces: 16, windowStride: 14 },
    encoder: { weights: join(fixtureFolder, 'tiny-bert') },
    pretraining: { texts, heldOutShare: 0.5 },
  });
  expect((await planPretraining(config)).texts).toEqual({ training: 7, heldOut: 3 });
});
