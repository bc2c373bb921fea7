import { beforeAll, expect, test } from '@jest/globals';
import { PAIRING } from '../../src/train/sentenceEncoder.js';
import { createContext } from '../../src/context.js';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { readCorpus } from '../../src/data/corpus.js';
import { readSplit } from '../../src/data/split.js';
import { openEmbedder } from '../../src/normalize/embedders/open.js';
import { openNormalizer } from '../../src/normalize/folder.js';
import { codedMentions } from '../../src/normalize/knowledge.js';
import { configuredNormalizer, saveConfigured } from '../../src/run/normalizer.js';
import { fixtureFolder } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

async function configured(root: string, embedding: object) {
  const { config } = await tinyRun(root, {
    data: { codes: join(root, 'valid-codes.tsv') },
    normalization: {
      classifier: { weight: 0 },
      embedding: {
        weight: 1,
        kind: 'pooledEncoder',
        weights: join(fixtureFolder, 'tiny-bert'),
        cache: join(root, 'embeddings'),
        ...embedding,
      },
    },
  });
  const { documents } = await readCorpus(config.data.corpus, config.tasks);
  const split = await readSplit(config.data.split!);
  return { config, documents, split };
}

test('a normalizer with a trained encoder takes it along into its folder, and finds the same there', () =>
  expectNoLeakedTensors(async () => {
    const root = folder();
    const encoders = join(root, 'encoders');
    const { config, documents, split } = await configured(root, {
      training: { epochs: 1, batchSize: 8, folder: encoders },
    });
    let steps = 0;
    const made = (await configuredNormalizer(
      config,
      documents,
      split,
      createContext({ progress: (name) => void (name === PAIRING && steps++) }),
    ))!;
    expect(steps).toBeGreaterThan(1);
    const at = join(root, 'normalizer');
    await saveConfigured(at, made);
    const mentions = documents.flatMap((document) => codedMentions(document, 'ner')).slice(0, 20);
    const codings = await made.normalizer.code(mentions, { neighbours: 2 });
    made.normalizer.dispose();

    for (const gone of [encoders, join(root, 'embeddings')]) rmSync(gone, { recursive: true });
    const opened = await openNormalizer(at, openEmbedder, createContext());
    const again = await opened.code(mentions, { neighbours: 2 });
    opened.dispose();
    expect(again.map(({ candidates }) => candidates.map(({ code }) => code))).toEqual(
      codings.map(({ candidates }) => candidates.map(({ code }) => code)),
    );
    expect(existsSync(join(at, 'encoder', 'modules.json'))).toBe(true);
  }));

test('there is none where neither the training documents nor a table have codes', async () => {
  const { config, documents, split } = await configured(folder(), { weight: 0 });
  const without = documents.map((document) => ({ ...document, codes: [] }));
  const bare = { ...config, data: { ...config.data, codes: null } };
  expect(await configuredNormalizer(bare, without, split, createContext())).toBeUndefined();
});

test('it knows the mentions of the training documents, all of them, and no other’s', async () => {
  const { config, documents, split } = await configured(folder(), { weight: 0 });
  const traced = documents.map((document) => ({
    ...document,
    codes: document.codes.map((coded) => ({ ...coded, code: document.name })),
  }));
  const { normalizer } = (await configuredNormalizer(
    { ...config, data: { ...config.data, codes: null } },
    traced,
    split,
    createContext(),
  ))!;
  const coded = new Set(traced.flatMap(({ name, codes }) => (codes.length > 0 ? [name] : [])));
  expect(split.validation.some((name) => coded.has(name))).toBe(true); // or this could not fail
  const known = normalizer.knowledge.mentions.map(({ code }) => code);
  expect([...new Set(known)].sort()).toEqual(split.training.filter((name) => coded.has(name)));
  expect(normalizer.knowledge.concepts.map(({ code }) => code).sort()).toEqual([...new Set(known)].sort());
});

test('codes that the table does not have are left out, with a notice', async () => {
  const { config, documents, split } = await configured(folder(), { weight: 0 });
  const strange = documents.map((document) => ({
    ...document,
    codes: document.codes.map((coded, i) => (i === 0 ? { ...coded, code: 'gone' } : coded)),
  }));
  const notices: string[] = [];
  const made = await configuredNormalizer(
    config,
    strange,
    split,
    createContext({ notice: (text) => void notices.push(text) }),
  );
  expect(notices.join()).toMatch(/whose code .*valid-codes\.tsv does not have, left out: \d+\./);
  expect(made!.normalizer.knowledge.mentions.some(({ code }) => code === 'gone')).toBe(false);
});
