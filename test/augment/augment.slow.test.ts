import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { augmentDocuments } from '../../src/augment/augment.js';
import { readAugmented, writeAugmented, type Augmented } from '../../src/augment/provenance.js';
import { startEngine } from '../../src/backend/engine.js';
import { configSchema, type Config } from '../../src/config/schema.js';
import { codePoints } from '../../src/data/codepoints.js';
import { readCorpus } from '../../src/data/corpus.js';
import type { Document } from '../../src/data/document.js';
import { splitDocuments } from '../../src/data/split.js';
import { demoTasks } from '../../src/demo/write.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const { documents } = generateCorpus({ seed: 2, documents: 200 });
const split = splitDocuments(documents, { seed: 1, validationShare: 0.3 });
const side = (names: string[]) => documents.filter(({ name }) => names.includes(name));
const training = side(split.training);
const validation = side(split.validation);

function configOf(augmentation: object = {}): Config {
  return configSchema.parse({
    tasks: demoTasks,
    data: { corpus: 'unused' },
    augmentation: {
      labels: ['ACTIVIDAD'],
      tries: 4,
      substituteCount: 9,
      ...augmentation,
      scoring: { weights: join(fixtureFolder, 'tiny-bert'), window: 1, cache: join(folder(), 'cache') },
    },
  });
}

async function augment(augmentation: object = {}, of: Document[] = training) {
  const notices: string[] = [];
  const result = await augmentDocuments(
    of,
    configOf(augmentation),
    createContext({ notice: (text) => void notices.push(text) }),
  );
  return { ...result, notices };
}

/** Every mention of a label, as it stands. */
function mentionsOf(of: Document[], label: string): string[] {
  return of.flatMap(({ text, spans }) =>
    Object.values(spans)
      .flat()
      .filter((span) => span.label === label)
      .map(({ start, end }) => codePoints(text).slice(start, end)),
  );
}

beforeAll(() => startEngine({ engine: 'auto', device: 'auto' }));

describe('augmentDocuments', () => {
  test('doubles a label, with other spans of the sentences where they belong', async () => {
    const { documents: made, notices } = await augment();
    expect(notices).toEqual([]);
    const before = mentionsOf(training, 'ACTIVIDAD').length;
    const added = made.flatMap(({ spans }) => spans.ner!.filter(({ label }) => label === 'ACTIVIDAD'));
    expect(before).toBeGreaterThan(10);
    expect(made).toHaveLength(before);
    expect(added.length).toBeGreaterThanOrEqual(before);
    const activities = new Set(mentionsOf(made, 'ACTIVIDAD'));
    const known = new Set(
      ['PROFESION', 'PACIENTE', 'SANITARIO'].flatMap((label) => mentionsOf(training, label)),
    );
    const others = ['PROFESION', 'PACIENTE', 'SANITARIO'].flatMap((label) => mentionsOf(made, label));
    for (const text of others) if (!activities.has(text)) expect(known).toContain(text);
  });

  test('takes nothing from documents that are held out', async () => {
    const held = new Set(mentionsOf(validation, 'ACTIVIDAD').map((text) => text.toLowerCase()));
    const known = new Set(mentionsOf(training, 'ACTIVIDAD').map((text) => text.toLowerCase()));
    const { lines } = await augment();
    const names = new Set(split.training);
    for (const { original, substitute } of lines) {
      expect(names).toContain(original.document);
      for (const source of substitute.sources) expect(names).toContain(source);
    }
    expect([...held].some((text) => !known.has(text))).toBe(true); // else the next lines could not fail
    for (const { substitute } of lines) expect(known).toContain(substitute.text.toLowerCase());
  });

  test('makes the same again, with the scores that it kept', async () => {
    const config = configOf();
    const cache = config.augmentation.scoring.cache;
    const first = await augmentDocuments(training, config, createContext());
    const kept = () => readdirSync(cache).map((name) => readFileSync(join(cache, name), 'utf8'));
    const before = kept();
    expect(await augmentDocuments(training, config, createContext())).toEqual(first);
    expect(kept()).toEqual(before);
    expect(before.join('').trimEnd().split('\n').length).toBeGreaterThanOrEqual(first.lines.length);
  });

  test.each([['suit'], ['fit'], ['score'], ['change']] as const)('keeps the best, by %s', async (rankBy) => {
    const limits = { maximumPerOriginal: 99, maximumPerSubstitute: 99 };
    const { lines } = await augment({ count: 5, rankBy, ...limits });
    const [kept, others] = [true, false].map((is) =>
      lines.filter((line) => line.kept === is).map((line) => line[rankBy]),
    );
    expect(kept).toHaveLength(5);
    expect(Math.min(...kept!)).toBeGreaterThanOrEqual(Math.max(...others!));
  });

  test('says how many were made where they are fewer than asked', async () => {
    const { notices, documents: made } = await augment({ count: 1000 });
    expect(notices).toEqual([expect.stringMatching(`^ACTIVIDAD: ${made.length} of 1000 new examples: `)]);
  });

  test.each([
    ['a label of no task', { labels: ['NADA'] }, /labels: no task has the label NADA; there are PROFESION/],
    ['substitutes that are too rare to be there', { labels: ['ACTIVIDAD'] }, /substituteCount/, 1],
    ['a label without examples', { labels: ['ACTIVIDAD'] }, /no training document has an example of ACT/, 0],
  ])('refuses %s', async (_, augmentation, message, mentions = 99) => {
    const without = training.map((document) => ({ ...document, spans: { ...document.spans, ner: [] } }));
    const withActivity = training.filter(({ spans }) =>
      spans.ner!.some(({ label }) => label === 'ACTIVIDAD'),
    );
    const of = mentions === 99 ? training : mentions === 0 ? without : [withActivity[0]!];
    await expect(augment(augmentation, of)).rejects.toThrow(message);
  });
});

describe('a folder of new examples', () => {
  let made: Augmented;
  let place: string;
  const names = new Set(split.training);
  const file = () => join(place, 'augmented.jsonl');
  beforeAll(async () => {
    made = await augment({ count: 6 });
  });
  const write = async () => {
    place = folder();
    await writeAugmented(place, made, demoTasks);
  };

  test('is a corpus without faults', async () => {
    await write();
    const { documents: read, faults } = await readCorpus(place, demoTasks);
    expect(faults).toEqual([]);
    expect(read).toHaveLength(6);
  });

  test('is read as it was written', async () => {
    await write();
    const read = await readAugmented(place, demoTasks, names);
    expect(read.documents).toEqual(made.documents);
    expect(read.lines).toEqual(made.lines);
  });

  test('is refused where an example comes from a document that is held out', async () => {
    await write();
    const [line] = made.lines.filter(({ kept }) => kept);
    const others = new Set([...names].filter((name) => name !== line!.original.document));
    await expect(readAugmented(place, demoTasks, others)).rejects.toThrow(
      /augmented\.jsonl:\d+: .* comes from .*, which is no training document/,
    );
  });

  test('is refused with a line that is none, a document that is not told of, and one that is missing', async () => {
    await write();
    appendFileSync(file(), '{"name": 3}\n');
    const count = made.lines.length;
    await expect(readAugmented(place, demoTasks, names)).rejects.toThrow(
      `augmented.jsonl:${count + 1} cannot be read as `,
    );

    await write();
    for (const task of ['task1', 'task2'])
      for (const [end, content] of [
        ['txt', 'Hola.'],
        ['ann', ''],
      ])
        // prettier-ignore
        writeFileSync(join(place, task, `strange.${end}`), content!);
    await expect(readAugmented(place, demoTasks, names)).rejects.toThrow(/where strange comes from/);

    await write();
    for (const task of ['task1', 'task2'])
      for (const end of ['txt', 'ann']) rmSync(join(place, task, `${made.documents[0]!.name}.${end}`));
    rmSync(join(place, 'norm.tsv'), { force: true });
    await expect(readAugmented(place, demoTasks, names)).rejects.toThrow(/lacks 1 of the 6 documents/);
    expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(count);
  });
});
