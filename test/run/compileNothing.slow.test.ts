import { expect, jest, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as compiling from '../../src/compile/compile.js';
import { describeEngines } from '../support/engines.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const weights = join(fixtureFolder, 'tiny-bert');

const makers: (string | undefined)[] = [];
jest.unstable_mockModule('../../src/compile/compile.js', () => ({
  ...compiling,
  createCompiler: (...given: Parameters<typeof compiling.createCompiler>) => {
    makers.push(new Error().stack);
    return compiling.createCompiler(...given);
  },
}));

describeEngines(
  'a run without backend.compile',
  () => {
    test('compiles nothing: not for new examples, nor for training, nor for its evaluation, nor for codes', async () => {
      const { runToEnd } = await import('../support/runToEnd.js');
      const place = folder();
      const embedding = {
        weight: 1,
        kind: 'pooledEncoder',
        weights,
        cache: join(place, 'embeddings'),
        training: { epochs: 1, batchSize: 8, folder: join(place, 'encoders') },
      };
      const scoring = { weights, window: 1, cache: join(place, 'likelihoods') };
      const { config, out } = await tinyRun(
        place,
        {
          augmentation: { labels: ['ACTIVIDAD'], count: 4, substituteCount: 3, tries: 3, scoring },
          normalization: { classifier: { weight: 0 }, embedding },
          training: { epochs: { count: 1 } },
          backend: { compile: false },
        },
        30,
      );
      await runToEnd(config, { folder: out, resume: false });
      for (const made of ['augmented/augmented.jsonl', 'normalizer/encoder/modules.json', 'evaluation.json'])
        expect(existsSync(join(out, made))).toBe(true);
      expect(makers).toEqual([]);
    });
  },
  ['native'],
);
