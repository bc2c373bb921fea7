import { beforeAll, expect, test } from '@jest/globals';
import { startEngine } from '../../src/backend/engine.js';
import { createContext } from '../../src/context.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { openNormalizer, saveNormalizer } from '../../src/normalize/folder.js';
import { knowledge, letterEmbedder, normalizationSettings } from '../support/normalization.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

test('a saved normalizer is opened with an embedder that an older version called otherwise', async () => {
  const at = folder();
  const settings = normalizationSettings({ embedding: { weight: 0.5 } });
  const options = { seed: 1, embedder: letterEmbedder() };
  const normalizer = await buildNormalizer(knowledge, settings, options, createContext());
  await saveNormalizer(at, normalizer);
  const [before] = await normalizer.code([{ text: 'enfermero' }]);
  normalizer.dispose();
  const renamed = { ...letterEmbedder('anew'), formerName: 'letters' };
  const opened = await openNormalizer(at, () => Promise.resolve(renamed), createContext());
  expect((await opened.code([{ text: 'enfermero' }]))[0]).toEqual(before);
  opened.dispose();
});
