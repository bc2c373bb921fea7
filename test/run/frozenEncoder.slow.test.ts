import { beforeAll, expect, test } from '@jest/globals';
import { cpSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { OutOfMemory } from '../../src/backend/failure.js';
import type { Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { writeSafetensors } from '../../src/model/weights/writeSafetensors.js';
import { closePrepared, prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { scheduledWindows } from '../../src/train/schedule.js';
import { train } from '../../src/train/train.js';
import { fixtureFolder } from '../support/fixtures.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));

/** A config that trains above a frozen encoder, and the file of the encoder's weights. */
async function frozenRun(training: object = { epochs: { count: 1, frozen: 'encoder' } }) {
  const [weights, root] = [folder(), folder()];
  cpSync(join(fixtureFolder, 'tiny-bert'), weights, { recursive: true });
  const cache = join(root, 'cache');
  const { config, out } = await tinyRun(root, {
    encoder: { weights },
    training: { ...training, cacheFolder: cache },
  });
  return { config, out, cache, file: join(weights, 'model.safetensors') };
}

/** Names of what is cached, of training and of validation, once a run has been opened. */
async function cached(config: Config, cacheFolder: string, checkpoint?: string): Promise<string[]> {
  const data = await prepareData(config);
  const session = await openSession(config, data, { cacheFolder, checkpoint }, createContext());
  await session.close();
  await closePrepared(data);
  return readdirSync(cacheFolder).filter((name) => name.startsWith('hidden-'));
}

/** Makes the encoder another one, with the same names and shapes. */
async function change(file: string): Promise<void> {
  const { entries, read, close } = await openSafetensors(file);
  const tensors = await Promise.all(
    [...entries].map(async ([name, { shape }]) => ({ name, shape: [...shape], values: await read(name) })),
  );
  await close();
  await writeSafetensors(
    file,
    tensors.map(({ name, shape, values }) => ({
      name,
      shape,
      dtype: 'F32',
      read: () => Promise.resolve(values.map((value) => value * 1.01)),
    })),
  );
}

test("keeps a frozen encoder's outputs until its weights are others, not until their file is touched", async () => {
  const { config, cache, file } = await frozenRun();
  const first = await cached(config, cache);
  expect(first).toHaveLength(2);
  utimesSync(file, 1, 1);
  expect(await cached(config, cache)).toEqual(first);
  await change(file);
  expect(await cached(config, cache)).toHaveLength(4);
});

test("a run that goes on keeps its own encoder's outputs under its own name, whatever weights stand at the path by now", async () => {
  const { config, out, cache, file } = await frozenRun();
  const { progress } = await runToEnd(config, { folder: out, resume: false });
  expect(progress.epoch).toBe(1);
  const own = readdirSync(cache);
  await change(file);
  expect(await cached(config, cache, join(out, 'checkpoints', 'last'))).toEqual(own);
});

test('a random encoder that another vocabulary has drawn otherwise has outputs of its own', async () => {
  const [root, tables] = [folder(), folder()];
  const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'de', 'la'];
  const [small, large] = [pieces, [...pieces, 'zzz']].map((some, i) => {
    const file = join(tables, `${i}.txt`);
    writeFileSync(file, some.join('\n'));
    return file;
  });
  const cache = join(root, 'cache');
  const training = { epochs: { count: 1, frozen: 'encoder' }, cacheFolder: cache };
  const random = { hidden: 16, layers: 1, heads: 2, intermediate: 32 };
  const { config } = await tinyRun(root, { encoder: { vocabulary: small, random }, training });
  const first = await cached(config, cache);
  const others = await cached({ ...config, encoder: { ...config.encoder, vocabulary: large! } }, cache);
  expect(others).toHaveLength(2 * first.length);
});

test('where memory does not hold a batch, what would fit is tried with windows whose outputs are there', async () => {
  const { config, cache } = await frozenRun({
    schedule: [{ windows: 'positive', rate: 1e-3, frozen: 'encoder' }],
  });
  const data = await prepareData(config);
  const session = await openSession(config, data, { cacheFolder: cache }, createContext());
  const { training } = session;
  const taken = new Set(scheduledWindows(training.windows, training.schedule, { seed: 1, batchSize: 1 }));
  const lengthOf = ({ start, end }: { start: number; end: number }) => end - start;
  const others = training.windows.filter((one) => !taken.has(one));
  const longest = Math.max(...others.map(lengthOf));
  const windows = [...others, ...[...taken].filter((one) => lengthOf(one) <= longest)];
  const read = training.hidden!.read.bind(training.hidden);
  training.hidden!.read = (batch) => {
    if (batch.batch > 1) throw new OutOfMemory('The device is full');
    return read(batch);
  };
  try {
    const steps = train({ ...training, windows });
    await expect(steps.next()).rejects.toThrow(
      /^The device is full; \d+ windows at once are too many, 1 fit: /,
    );
  } finally {
    await session.close();
    await closePrepared(data);
  }
});
