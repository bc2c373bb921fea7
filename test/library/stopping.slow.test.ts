import { describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { Interrupted, openModel, predict, type Model } from '../../src/index.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

async function withModel(work: (model: Model) => Promise<void>): Promise<void> {
  const saved = join(folder(), 'model');
  await saveTinyModel(saved, 'tiny-distilbert');
  const model = await openModel(saved, { engine: 'wasm' });
  await work(model);
  model.close();
}

const texts = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}`, text: 'Trabaja de enfermera.' }));

/** As many as are computed together, and then none for a long time. */
async function* live(patience: AbortSignal) {
  yield* texts(256);
  await setTimeout(60_000, undefined, { signal: patience }).catch(() => {});
}

describe('a prediction', () => {
  test('whose predictions nobody takes any more does not wait for the next text', async () => {
    await withModel(async (model) => {
      const patience = new AbortController();
      const taken: string[] = [];
      for await (const { name } of predict(model, live(patience.signal))) {
        taken.push(name);
        break;
      }
      expect(taken).toEqual(['0']);
      patience.abort();
    });
  }, 30_000);

  test('that is stopped does not wait for the next text', async () => {
    await withModel(async (model) => {
      const [patience, stop] = [new AbortController(), new AbortController()];
      const all = async () => {
        for await (const { name } of predict(model, live(patience.signal), { signal: stop.signal }))
          if (name === '255') void setTimeout(50).then(() => stop.abort());
      };
      await expect(all()).rejects.toThrow(Interrupted);
      patience.abort();
    });
  }, 30_000);

  test('that is stopped gives none more of those that were computed together', async () => {
    await withModel(async (model) => {
      const stop = new AbortController();
      const taken: string[] = [];
      const all = async () => {
        for await (const { name } of predict(model, texts(200), { signal: stop.signal }))
          if (taken.push(name) === 3) stop.abort();
      };
      await expect(all()).rejects.toThrow(Interrupted);
      expect(taken).toEqual(['0', '1', '2']);
    });
  });
});

test('a prediction names the text that is none', async () => {
  await withModel(async (model) => {
    await expect(predict(model, [{ name: 'x' } as never]).next()).rejects.toThrow('the text x is none');
  });
});

test('a batch of less than nothing is refused', async () => {
  for (const batchSize of [Number.NaN, -1, 0])
    await expect(openModel('nowhere', { batchSize })).rejects.toThrow('batchSize needs a whole number');
});
