import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { InputError } from '../../src/errors.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { openNormalizer, saveNormalizer } from '../../src/normalize/folder.js';
import type { Knowledge } from '../../src/normalize/knowledge.js';
import { alone, knowledge, letterEmbedder, normalizationSettings } from '../support/normalization.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

const build = (settings = normalizationSettings(), of: Knowledge = knowledge) =>
  buildNormalizer(of, settings, { seed: 1, embedder: letterEmbedder() }, createContext());
const codeOf = async (text: string, settings = normalizationSettings(), of = knowledge) =>
  (await (await build(settings, of)).code([{ text }]))[0]!;
const nothing = {
  classifier: { weight: 0 },
  lexical: { weight: 0 },
};

describe('the code of a mention', () => {
  test('is that of the same words in training, whatever else is near', async () => {
    const { code, candidates } = await codeOf('ENFERMERA', normalizationSettings(nothing));
    expect(code).toBe('2221.1');
    expect(candidates).toEqual([
      { code: '2221.1', label: 'enfermero/enfermera', score: 0, parts: {}, distance: null, exact: true },
    ]);
  });

  test('is the one that the same words have most often, and of equals the first', async () => {
    const mentions = [
      { text: 'jefe', code: 'SCTID: 1', count: 2 },
      { text: 'Jefe', code: '7112.1', count: 1, label: 'A' },
      { text: 'jefe', code: '7112.1', count: 1, label: 'B' },
      { text: 'jefe', code: '2211.1', count: 1 },
    ];
    expect((await codeOf('jefe', normalizationSettings(nothing), { ...knowledge, mentions })).code).toBe(
      '7112.1',
    );
  });

  test.each([
    [['mentions'], 'en paro', null],
    [['mentions', 'labels'], 'en paro', null],
    [['alternatives'], 'en paro', 'SCTID: 1'],
    [['labels'], 'médica generalista', '2211.1'],
    [[], 'enfermera', null],
  ])('is looked up in %j: %s', async (exact, text, expected) => {
    expect((await codeOf(text, normalizationSettings({ ...nothing, exact }))).code).toBe(expected);
  });

  test('is the nearest label’s in characters', async () => {
    expect((await codeOf('albanilería', alone('lexical'))).code).toBe('7112.1');
  });

  test('is the one that training mentions speak for', async () => {
    const { code, candidates } = await codeOf('trabaja en obras', alone('classifier'));
    expect(code).toBe('7112.1');
    expect(candidates.find((one) => one.code === '2211.1')!.score).toBe(-1.1); // no mention has it
  });

  test('follows the label of the mention where words do not tell', async () => {
    const of: Knowledge = {
      ...knowledge,
      mentions: [
        { text: 'trabaja', label: 'A', code: '7112.1', count: 1 },
        { text: 'trabaja', label: 'B', code: 'SCTID: 1', count: 1 },
      ],
    };
    const normalizer = await build(alone('classifier'), of);
    const found = await normalizer.code(['A', 'B'].map((label) => ({ text: 'trabajo', label })));
    expect(found.map(({ code }) => code)).toEqual(['7112.1', 'SCTID: 1']);
  });

  test('is the nearest point’s among sentence embeddings', async () => {
    const settings = alone('embedding', { contexts: ['{}'], points: { mentions: false, centroids: false } });
    expect((await codeOf('LIBAÑAL', settings)).code).toBe('7112.1'); // the same letters
  });

  test('is none where nothing is in common', async () => {
    expect(await codeOf('xyz', alone('lexical'))).toEqual({ code: null, candidates: [] });
    expect((await codeOf('', alone('lexical'))).code).toBeNull();
  });

  test('is none below the threshold, but for exact ones', async () => {
    const settings = normalizationSettings({ threshold: 5 });
    expect(await codeOf('enfermeras', settings)).toMatchObject({
      code: null,
      candidates: [{ code: '2221.1' }, {}, {}, {}],
    });
    expect((await codeOf('enfermera', settings)).code).toBe('2221.1');
  });
});

describe('a score', () => {
  test('is the weighted sum of its parts', async () => {
    const weights = { classifier: { weight: 2 }, lexical: { weight: 0.5 }, embedding: { weight: 3 } };
    const normalizer = await build(normalizationSettings({ exact: [], ...weights }));
    const [coding] = await normalizer.code([{ text: 'enfermero en paro', label: 'PROFESION' }]);
    const { candidates } = coding!;
    expect(candidates).toHaveLength(4);
    for (const { score, parts } of candidates)
      expect(score).toBeCloseTo(2 * parts.classifier! + 0.5 * parts.lexical! + 3 * parts.embedding!, 10);
    const scores = candidates.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    normalizer.dispose();
  });

  test('does not depend on what is asked beside it', async () => {
    const normalizer = await build(normalizationSettings({ embedding: { weight: 1 } }));
    const mentions = Array.from({ length: 150 }, (_, i) => ({ text: `enfermera ${'abcdefg'[i % 7]} ${i}` }));
    const together = await normalizer.code(mentions);
    const [apart] = await normalizer.code([mentions[140]!]);
    expect(together[140]!.candidates.map(({ code }) => code)).toEqual(
      apart!.candidates.map(({ code }) => code),
    );
    expect(together[140]!.candidates[0]!.score).toBeCloseTo(apart!.candidates[0]!.score, 5);
    normalizer.dispose();
  });
});

describe('the distance of a candidate', () => {
  const points = { labels: true, alternatives: true, mentions: false, centroids: false };
  const letters = (settings: object) => alone('embedding', { contexts: ['{}'], points, ...settings });

  test.each([null, 3])('is that to the nearest of its points, whoever votes (%s)', async (neighbours) => {
    const { candidates } = await codeOf('albañiles', letters({ neighbours }));
    const vectorOf = async (text: string) => [...(await letterEmbedder().embed([text]))];
    const [a, b] = [await vectorOf('albañiles'), await vectorOf('albañil')];
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    expect(candidates[0]).toMatchObject({
      code: '7112.1',
      distance: expect.closeTo(1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 5),
    });
  });

  test('is Euclidean where the settings say so', async () => {
    const { candidates } = await codeOf('albañiles', letters({ distance: 'euclidean' }));
    expect(candidates[0]!.distance).toBeCloseTo(Math.sqrt(2), 5); // an e and an s more
  });

  test('is null where the mention has nothing in common with its points', async () => {
    const { candidates } = await codeOf('xyz', normalizationSettings({ embedding: { weight: 0 } }));
    expect(candidates.map(({ distance }) => distance)).toEqual([null, null, null, null]);
  });
});

describe('the nearest points', () => {
  test('are told for each space where they are asked for', async () => {
    const normalizer = await build(normalizationSettings({ embedding: { weight: 1 } }));
    const [coding] = await normalizer.code([{ text: 'enfermeras' }], { neighbours: 2 });
    const neighbours = coding!.neighbours!;
    expect(neighbours.map(({ space }) => space)).toEqual(['lexical', 'lexical', 'embedding', 'embedding']);
    expect(neighbours[0]).toMatchObject({ code: '2221.1', text: 'enfermera', source: 'label' });
    normalizer.dispose();
  });
});

test('there must be a code to find', async () => {
  const none = { concepts: [], mentions: [] };
  await expect(build(normalizationSettings(), none)).rejects.toThrow(/there are no codes/);
});

describe('a saved normalizer', () => {
  const settings = normalizationSettings({ embedding: { weight: 0.5, contextPooling: 'best' } });
  const mentions = [
    { text: 'enfermero' },
    { text: 'no trabaja ahora', label: 'SITUACION_LABORAL' },
    { text: 'obra' },
  ];
  async function saved() {
    const at = join(folder(), 'normalizer');
    const normalizer = await build(settings);
    await saveNormalizer(at, normalizer);
    const codings = await normalizer.code(mentions, { neighbours: 3 });
    normalizer.dispose();
    return { at, codings };
  }
  const open = (at: string, embedder = letterEmbedder()) =>
    openNormalizer(at, () => Promise.resolve(embedder), createContext());

  test('finds the same, to the last bit, and embeds no point again', async () => {
    const { at, codings } = await saved();
    const embedder = letterEmbedder();
    const opened = await open(at, embedder);
    expect(embedder.asked).toEqual([]);
    expect(await opened.code(mentions, { neighbours: 3 })).toEqual(codings);
    opened.dispose();
    expect(embedder.disposed).toBe(true);
  });

  test('is refused with another embedder', async () => {
    const { at } = await saved();
    const other = letterEmbedder('others');
    await expect(open(at, other)).rejects.toThrow(/was built with the embedder letters, and .* is others/);
    expect(other.disposed).toBe(true);
  });

  test.each<[string, (at: string) => void, RegExp]>([
    ['no normalizer.json', (at) => rmSync(join(at, 'normalizer.json')), /normalizer\.json cannot be read/],
    [
      'no vectors',
      (at) => rmSync(join(at, 'vectors.safetensors')),
      /vectors\.safetensors cannot be read: it does not exist/,
    ],
    [
      'vectors cut short',
      (at) => truncateSync(join(at, 'vectors.safetensors'), 2000),
      /vectors\.safetensors/,
    ],
    ['half a normalizer.json', (at) => truncateSync(join(at, 'normalizer.json'), 500), /is not JSON/],
    [
      'a concept too few',
      (at) => edit(at, (file) => file.concepts.pop()),
      /has the code SCTID: 1, which is none/,
    ],
    [
      'a mention too few',
      (at) => edit(at, (file) => file.mentions.pop()),
      /has shape \[\d+,\d+\]; by normalizer\.json it must be/,
    ],
    ['a wrong count', (at) => edit(at, (file) => (file.mentions[0].count = 'x')), /mentions\[0\]\.count/],
  ])('that is damaged says so: %s', async (_, damage, message) => {
    const { at } = await saved();
    damage(at);
    await expect(open(at)).rejects.toThrow(message);
    await expect(open(at)).rejects.toThrow(InputError);
  });

  test('leaves no tensor behind', () =>
    expectNoLeakedTensors(async () => {
      const { at } = await saved();
      const opened = await open(at);
      await opened.code(mentions);
      opened.dispose();
    }));
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- to damage it in any way
function edit(at: string, change: (file: any) => void): void {
  const path = join(at, 'normalizer.json');
  const file: unknown = JSON.parse(readFileSync(path, 'utf8'));
  change(file);
  writeFileSync(path, JSON.stringify(file));
}
