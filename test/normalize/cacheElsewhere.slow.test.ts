import { beforeAll, expect, test } from '@jest/globals';
import { startEngine } from '../../src/backend/engine.js';
import { createContext } from '../../src/context.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { openNormalizer, saveNormalizer, type OpenEmbedder } from '../../src/normalize/folder.js';
import { knowledge, letterEmbedder, normalizationSettings } from '../support/normalization.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

test.each<[string, string | null]>([
  ['.cache/embeddings', '.cache/embeddings'],
  ['/elsewhere', null],
  ['../elsewhere', null],
])('a normalizer that names the cache %s is opened with %s, and has its settings', async (named, used) => {
  const at = folder();
  const settings = normalizationSettings({ embedding: { weight: 0.5, cache: named } });
  const options = { seed: 1, embedder: letterEmbedder() };
  const normalizer = await buildNormalizer(knowledge, settings, options, createContext());
  await saveNormalizer(at, normalizer);
  normalizer.dispose();
  const notices: string[] = [];
  const caches: unknown[] = [];
  const open: OpenEmbedder = ({ cache }) => {
    caches.push(cache);
    return Promise.resolve(letterEmbedder());
  };
  const context = createContext({ notice: (text) => void notices.push(text) });
  const opened = await openNormalizer(at, open, context);
  opened.dispose();
  expect(caches).toEqual([used]);
  expect(opened.settings).toEqual(settings); // what runs are compared by
  expect(notices.join()).toMatch(used === null ? `no vectors are kept in ${named}, ` : /^$/);
});
