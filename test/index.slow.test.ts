import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from '../src/data/random.js';
import {
  makeDemoCorpus,
  openEmbedder,
  openModel,
  openNormalizer,
  predict,
  readCorpus,
  train,
  UsageError,
  type Model,
  type Prediction,
} from '../src/index.js';
import { describeEngines } from './support/engines.js';
import { fixtureFolder } from './support/fixtures.js';
import { expectNoLeakedTensors } from './support/leaks.js';
import { saveTinyModel } from './support/savedModel.js';
import { temporaryFolders } from './support/temporaryFolder.js';
import { tinyRun } from './support/tinyRun.js';

const folder = temporaryFolders();
const words = [
  'La',
  'paciente',
  'trabaja',
  'de',
  'enfermera',
  'jubilada',
  'su',
  'padre',
  'es',
  'albañil',
  '.',
];

/** So many texts of words drawn from a seed. */
function texts(count: number): { name: string; text: string }[] {
  const random = randomFrom(7);
  const word = () => words[random.int(words.length)]!;
  return Array.from({ length: count }, (_, i) => {
    return { name: `${i}`, text: Array.from({ length: 200 }, word).join(' ') };
  });
}

async function all(predictions: AsyncIterable<Prediction>): Promise<Prediction[]> {
  const list = [];
  for await (const prediction of predictions) list.push(prediction);
  return list;
}

describeEngines(
  'two models of different precision in one process',
  () => {
    test('find what each finds alone, whichever was opened last, with their texts taken in turns', async () => {
      const saved = join(folder(), 'model');
      await saveTinyModel(saved, 'tiny-distilbert');
      await expectNoLeakedTensors(async () => {
        const open = (precision: 'float32' | 'bfloat16') => openModel(saved, { engine: 'native', precision });
        const given = texts(40);
        const alone: Prediction[][] = [];
        for (const precision of ['float32', 'bfloat16'] as const) {
          const model = await open(precision);
          alone.push(await all(predict(model, given)));
          model.close();
        }
        expect(alone[0]).not.toEqual(alone[1]); // else there is nothing to see

        const models: Model[] = [await open('bfloat16'), await open('float32')].reverse();
        const streams = models.map((model) => predict(model, given));
        const inTurns: Prediction[][] = [[], []];
        for (let i = 0; i < given.length; i++)
          for (const [which, stream] of streams.entries()) {
            const next = await stream.next();
            if (!next.done) inTurns[which]!.push(next.value);
          }
        expect(inTurns).toEqual(alone);
        for (const model of models) model.close();

        const fresh = [await open('float32'), await open('bfloat16')];
        expect(await Promise.all(fresh.map((model) => all(predict(model, given))))).toEqual(alone);
        for (const model of fresh) model.close();
      });
    });
  },
  ['native'],
);

describe('the library', () => {
  test('trains as the command does, and its model finds the spans that the evaluation wrote', async () => {
    const { config, out } = await tinyRun(folder());
    const kinds = new Set<string>();
    for await (const { kind } of train(config, { folder: out })) kinds.add(kind);
    expect([...kinds]).toEqual(['begin', 'step', 'epoch', 'end']);

    const { documents } = await readCorpus(config.data.corpus, config.tasks);
    const written = ({ name }: { name: string }) => join(out, 'predictions', 'task1', `${name}.ann`);
    const held = documents.filter((document) => existsSync(written(document)));
    expect(held.length).toBeGreaterThan(0);
    const model = await openModel(out);
    const found = await all(predict(model, held));
    model.close();
    for (const { name, spans, codes, text } of found) {
      const lines = spans.ner!.map(({ label, start, end }) => `${label} ${start} ${end}`);
      const tabs = readFileSync(written({ name }), 'utf8').split('\n').filter(Boolean);
      expect(lines).toEqual(tabs.map((line) => line.split('\t')[1]));
      for (const code of codes!) expect([...text].slice(code.start, code.end).join('')).toBe(code.text);
    }
  });

  test('refuses to predict by a model whose engine another one has taken the place of', async () => {
    const saved = join(folder(), 'model');
    await saveTinyModel(saved, 'tiny-distilbert');
    const first = await openModel(saved, { engine: 'wasm' });
    const second = await openModel(saved, { engine: 'cpu' });
    await expect(predict(first, texts(1)).next()).rejects.toThrow(
      'The model is on the engine wasm, and another one was started since',
    );
    second.close();
    first.close();
  });

  test('refuses to predict by a model that was closed, which may be closed again', async () => {
    const saved = join(folder(), 'model');
    await saveTinyModel(saved, 'tiny-distilbert');
    const model = await openModel(saved, { engine: 'wasm' });
    model.close();
    model.close();
    await expect(predict(model, texts(1)).next()).rejects.toThrow('The model was closed: open it again');
  });

  test('refuses a setting that prediction does not read, and a demo corpus of nothing', async () => {
    const saved = join(folder(), 'model');
    await saveTinyModel(saved, 'tiny-distilbert');
    await expect(openModel(saved, { set: ['training.batchSize=3'] })).rejects.toThrow(UsageError);
    await expect(makeDemoCorpus(folder(), { documents: 0 })).rejects.toThrow(UsageError);
  });

  test('stops a prediction after the batch at hand', async () => {
    const saved = join(folder(), 'model');
    await saveTinyModel(saved, 'tiny-distilbert');
    const model = await openModel(saved, { engine: 'wasm' });
    const abort = new AbortController();
    const stream = predict(model, texts(60), { signal: abort.signal });
    expect((await stream.next()).done).toBe(false);
    abort.abort();
    await expect(all(stream)).rejects.toThrow('Stopped while predicting');
    model.close();
  });

  test('finds the code that training has seen for the same words', async () => {
    const { config, out } = await tinyRun(folder());
    for await (const event of train(config, { folder: out })) void event;
    const { documents } = await readCorpus(config.data.corpus, config.tasks);
    const split = JSON.parse(readFileSync(join(out, 'split.json'), 'utf8')) as { training: string[] };
    const seen = documents
      .filter(({ name }) => split.training.includes(name))
      .flatMap((document) => document.codes);
    const normalizer = await openNormalizer(out);
    const codings = await normalizer.code(seen, { candidates: 2 });
    normalizer.close();
    const ofText = (text: string) => new Set(seen.filter((one) => one.text === text).map(({ code }) => code));
    for (const [i, { code, candidates }] of codings.entries()) {
      expect(ofText(seen[i]!.text)).toContain(code);
      expect(candidates.length).toBeLessThanOrEqual(2);
      expect(normalizer.codes).toContain(code);
    }
  });

  test('embeds a sentence as it embeds it alone', async () => {
    const embedder = await openEmbedder(join(fixtureFolder, 'tiny-bert'), {
      kind: 'pooledEncoder',
      engine: 'wasm',
    });
    const sentences = ['Trabaja de enfermera.', 'Su padre es albañil, jubilado.'];
    const together = await embedder.embed(sentences);
    expect(together).toHaveLength(2 * embedder.dimension);
    for (const [i, sentence] of sentences.entries())
      expect(await embedder.embed([sentence])).toEqual(
        together.slice(i * embedder.dimension, (i + 1) * embedder.dimension),
      );
    embedder.close();
  });
});
