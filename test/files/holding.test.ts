import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../src/files/holding.js';
import { ownLock, removeDeadLock, tryLock } from '../../src/files/lock.js';
import { fetchModel } from '../../src/fetch/fetch.js';
import { silent } from '../../src/fetch/progress.js';
import { leaveLock } from '../support/deadLock.js';
import { hubServer } from '../support/hubServer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { testServers } from '../support/testServer.js';

const folder = temporaryFolders();
const serve = testServers();
const inside = () => Promise.resolve('done');

describe('a lock', () => {
  test('lets one work after the other, and tells those who wait for whom', async () => {
    const file = join(folder(), 'lock');
    const seen: string[] = [];
    const notices: string[] = [];
    const work = (name: string) =>
      withLock(
        file,
        'fetching into the same folder',
        { notice: (text) => void notices.push(text) },
        async () => {
          seen.push(`${name} in`);
          await new Promise((done) => setTimeout(done, 20));
          seen.push(`${name} out`);
        },
      );
    await Promise.all(['a', 'b', 'c'].map(work));
    const [first, second, third] = seen.filter((text) => text.endsWith('in')).map((text) => text[0]);
    expect(seen).toEqual([first, second, third].flatMap((name) => [`${name} in`, `${name} out`]));
    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(
      new RegExp(
        `^Waiting for process ${process.pid}, which has been fetching into the same folder since .*Z$`,
      ),
    );
    expect(existsSync(file)).toBe(false);
  });

  test('ends with work that fails', async () => {
    const file = join(folder(), 'lock');
    await expect(withLock(file, 'working', createContext(), () => Promise.reject(new Error('no')))).rejects.toThrow('no'); // prettier-ignore
    expect(existsSync(file)).toBe(false);
  });

  test('of a process that is gone is taken over', async () => {
    const file = join(folder(), 'lock');
    leaveLock(file);
    expect(await withLock(file, 'working', createContext(), inside)).toBe('done');
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  test('of a process that is gone is removed by one who needs none, and no other is', async () => {
    const file = join(folder(), 'lock');
    await removeDeadLock(file);
    leaveLock(file);
    await removeDeadLock(file);
    expect(readdirSync(join(file, '..'))).toEqual([]);
    const { unlock } = await tryLock(file, ownLock());
    await removeDeadLock(file);
    expect(existsSync(file)).toBe(true);
    unlock!();
  });

  test('that is torn is taken over, though its file is of a time to come', async () => {
    const file = join(folder(), 'lock');
    writeFileSync(file, 'x');
    utimesSync(file, 4e9, 4e9);
    expect(await withLock(file, 'working', createContext(), inside)).toBe('done');
  }, 15_000);

  test('that is a link to nothing is refused', async () => {
    const file = join(folder(), 'lock');
    symlinkSync('/nonexistent/lock', file);
    await expect(withLock(file, 'working', createContext(), inside)).rejects.toThrow(
      `${file} is a link to what is not there, and no lock: remove it`,
    );
    expect(readdirSync(join(file, '..'))).toEqual(['lock']);
  });

  test('of a process on another host is waited for', async () => {
    const file = join(folder(), 'lock');
    const holder = JSON.stringify({ ...ownLock(), pid: 1, host: 'elsewhere' });
    writeFileSync(file, holder);
    let work: Promise<string> | undefined;
    const told = await new Promise<string>((tell) => {
      work = withLock(file, 'working', { notice: tell }, inside);
    });
    expect(told).toMatch(
      /^Waiting for process 1 on elsewhere, .*; if it no longer runs there, remove .*lock$/,
    );
    expect(readFileSync(file, 'utf8')).toBe(holder);
    rmSync(file);
    expect(await work).toBe('done');
  });
});

test('two fetches into one folder at the same time download once', async () => {
  const home = folder();
  const out = join(home, 'tiny');
  const server = await hubServer(serve, {
    files: { 'config.json': '{"model_type": "bert"}', 'model.safetensors': Buffer.alloc(4000, 7) },
  });
  const environment = { HF_ENDPOINT: server.url };
  const once = () => fetchModel('hub:org/tiny', { out, environment, progress: silent });
  const fetched = await Promise.all([once(), once()]);
  expect(fetched.map(({ already }) => already).sort()).toEqual([false, true]);
  const downloads = server.seen.filter(({ method, path }) => method === 'GET' && path.includes('resolve'));
  expect(downloads.map(({ path }) => path.replace(/.*\//, '')).sort()).toEqual([
    'config.json',
    'model.safetensors',
  ]);
  expect(readdirSync(home)).toEqual(['tiny']);
});
