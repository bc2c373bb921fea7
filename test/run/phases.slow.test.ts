import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { createContext } from '../../src/context.js';
import { phasesOf } from '../../src/run/phases.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun, type ConfigParts } from '../support/tinyRun.js';

const folder = temporaryFolders();
const tiny = join(import.meta.dirname, '../fixtures/tiny-bert');

test.each<[string, (cache: string) => ConfigParts, number]>([
  ['of two epochs', () => ({}), 5],
  [
    'with new examples, a frozen encoder, and an encoder trained for codes',
    (cache) => ({
      training: { epochs: { count: 1, rate: 1e-3, frozen: 'encoder' } },
      augmentation: { labels: ['ACTIVIDAD'], substituteCount: 9, scoring: { weights: tiny, cache } },
      normalization: {
        embedding: {
          ...{ weight: 1, kind: 'pooledEncoder', weights: tiny, cache },
          training: { epochs: 1, folder: cache },
        },
      },
    }),
    9,
  ],
])(
  'a run %s goes through the phases that are told beforehand, in their order',
  async (_, changes, count) => {
    const { config, out } = await tinyRun(folder(), changes(folder()), 40);
    const seen = new Set<string>();
    const progress = (name: string) => void seen.add(name);
    await runToEnd(config, { folder: out, resume: false }, undefined, createContext({ progress }));
    expect([...seen]).toEqual(phasesOf(config));
    expect(seen.size).toBe(count);
  },
  120_000,
);
