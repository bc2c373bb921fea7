import { beforeAll, expect, test } from '@jest/globals';
import { cpSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { createContext } from '../../src/context.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { closePrepared, prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
beforeAll(async () => void (await startEngine({ engine: 'auto', device: 'cpu' })));

/** A tiny BERT whose weights are in one shard, which an index names. */
async function shardedBert(): Promise<{ weights: string; shard: string }> {
  const weights = folder();
  cpSync(join(fixtureFolder, 'tiny-bert'), weights, { recursive: true });
  const shard = join(weights, 'model-00001-of-00001.safetensors');
  const whole = join(weights, 'model.safetensors');
  cpSync(whole, shard);
  rmSync(whole);
  const { entries, close } = await openSafetensors(shard);
  await close();
  const map = Object.fromEntries([...entries.keys()].map((name) => [name, basename(shard)]));
  writeFileSync(`${whole}.index.json`, JSON.stringify({ weight_map: map }));
  return { weights, shard };
}

test("keeps a frozen encoder's outputs until one of its shards is another", async () => {
  const [{ weights, shard }, root] = [await shardedBert(), folder()];
  const training = { epochs: { count: 1, frozen: 'encoder' } };
  const { config } = await tinyRun(root, { encoder: { weights }, training });
  const cacheFolder = join(root, 'cache');
  const kept = async () => {
    const data = await prepareData(config);
    const session = await openSession(config, data, { cacheFolder }, createContext());
    await session.close();
    await closePrepared(data);
    return readdirSync(cacheFolder).filter((name) => name.startsWith('hidden-')).length;
  };
  const [first, again] = [await kept(), await kept()];
  expect([first, again]).toEqual([2, 2]); // of training and of validation
  utimesSync(shard, 1, 1);
  expect(await kept()).toBe(4);
});
