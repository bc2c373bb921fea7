import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { createContext, Interrupted, openEmbedder, openModel, predict } from '../../src/index.js';
import { fixtureFolder } from '../support/fixtures.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const bert = join(fixtureFolder, 'tiny-bert');
const options = { kind: 'pooledEncoder', engine: 'wasm', batchPieces: 64 } as const;
const sentences = Array.from({ length: 100 }, (_, i) => `Trabaja de enfermera ${i}.`);

test('an embedder that cannot be opened starts no engine under open models', async () => {
  const saved = join(folder(), 'model');
  await saveTinyModel(saved, 'tiny-distilbert');
  const model = await openModel(saved, { engine: 'wasm' });
  await expect(openEmbedder('nowhere', { engine: 'cpu' })).rejects.toThrow('nowhere');
  const texts = [{ name: 'one', text: 'Trabaja de enfermera.' }];
  await expect(predict(model, texts).next()).resolves.toMatchObject({ value: { name: 'one' } });
  model.close();
});

test('an embedder tells how far it is, and is stopped after the batch at hand', async () => {
  const stop = new AbortController();
  const reached: number[] = [];
  const progress = (name: string, done: number, total: number) => {
    expect([name, total]).toEqual(['sentences embedded', sentences.length]);
    if (reached.push(done) === 5) stop.abort();
  };
  const embedder = await openEmbedder(bert, options, createContext({ signal: stop.signal, progress }));
  await expect(embedder.embed(sentences)).rejects.toThrow(Interrupted);
  expect(reached).toHaveLength(5);
  expect(reached.at(-1)).toBeGreaterThan(0);
  expect(reached.at(-1)).toBeLessThan(sentences.length);
  embedder.close();
});

test('an embedder is not opened where the work has been stopped', async () => {
  const opened = openEmbedder(bert, options, createContext({ signal: AbortSignal.abort() }));
  await expect(opened).rejects.toThrow(Interrupted);
});
