import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Interrupted } from '../../src/errors.js';
import { fetchModel } from '../../src/fetch/fetch.js';
import { silent } from '../../src/fetch/progress.js';
import { pushModel, type PushOptions } from '../../src/fetch/push.js';
import { hubRepository, type HubRepository } from '../support/hubRepository.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { testServers, type TestServer } from '../support/testServer.js';
import { patience, sha256, weights } from '../support/tinyHub.js';

const folder = temporaryFolders();
const serve = testServers();

const vectors = Buffer.alloc(500, 7);
const files: Record<string, string | Buffer> = {
  'README.md': '---\nlicense: cc-by-4.0\n---\n\n# tiny\n',
  'config.json': '{"model_type": "bert"}',
  'gate.json': '{"layer": 2}', // where meddoprof gate has made one
  'meddoprof.json': '{"format": 1}',
  'model.safetensors': weights, // 4,000 bytes: four parts
  'normalizer/vectors.safetensors': vectors,
  'normalizer/encoder/modules.json': '[]', // where one was trained for the codes
  'normalizer/encoder/vocab.txt': '[PAD]\n',
  'normalizer/encoder/1_Pooling/config.json': '{}',
  'vocab.txt': '[PAD]\n',
};

/** A packed folder, with some files in place of others. */
function packed(changes: Record<string, string | Buffer | undefined> = {}): string {
  const home = join(folder(), 'tiny');
  for (const [path, content] of Object.entries({ ...files, ...changes })) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  return home;
}

async function hubOf(changes: Partial<HubRepository> = {}) {
  const hub: HubRepository = {
    token: 'of-a-mirror',
    part: 1000,
    repositories: new Map(),
    objects: new Map(),
    ...changes,
  };
  const server = await hubRepository(serve, hub);
  const environment = { HF_ENDPOINT: server.url, HF_TOKEN: hub.token };
  const push = (from: string, name = 'org/tiny', options: PushOptions & { signal?: AbortSignal } = {}) =>
    pushModel(
      from,
      name,
      { environment, patience, ...options },
      { signal: options.signal ?? new AbortController().signal },
    );
  return { hub, server, environment, push };
}

const parts = ({ seen }: TestServer) =>
  seen.filter(({ path }) => path.startsWith('/storage/')).map(({ path }) => path.split('/')[2]);

describe('a packed folder that is pushed', () => {
  test('is on the hub as it was, in a private repository, and is fetched as it was', async () => {
    const { hub, server, environment, push } = await hubOf();
    const from = packed();
    const pushed = await push(from);
    expect(pushed).toMatchObject({
      name: 'org/tiny',
      commit: 'c0ffee',
      url: `${server.url}/org/tiny/commit/c0ffee`,
    });
    const there = hub.repositories.get('org/tiny')!;
    expect(there.private).toBe(true);
    expect(Object.fromEntries(there.files)).toEqual(
      Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])),
    );
    const out = join(folder(), 'again');
    await fetchModel('hub:org/tiny', { out, environment, patience });
    for (const path of Object.keys(files).filter((path) => path !== 'README.md'))
      expect([path, readFileSync(join(out, path))]).toEqual([path, Buffer.from(files[path]!)]);
  });

  test('goes on where the connection broke, in the same call', async () => {
    let broken = 0;
    const { hub, push } = await hubOf({
      intercept: (response, { number }) => number === 2 && broken++ === 0 && !!response.destroy(),
    });
    const notices: string[] = [];
    await push(packed(), 'org/tiny', { progress: { ...silent, notice: (text) => notices.push(text) } });
    expect(hub.repositories.get('org/tiny')!.files.get('model.safetensors')).toEqual(weights);
    expect(notices.join()).toMatch(/the connection broke .*trying again in 1 s/);
  });

  test('goes on in a later call, sends no file again that came whole, and has no commit before', async () => {
    let isBroken = true;
    const intercept: HubRepository['intercept'] = (response, { oid, number }) =>
      isBroken && oid === sha256(weights) && number > 1 && !!response.destroy();
    const { hub, server, push } = await hubOf({ intercept });
    const from = packed();
    await expect(push(from)).rejects.toThrow(
      /the connection broke .*3 times in a row: run the same command later/,
    );
    expect(hub.repositories.get('org/tiny')!.files.size).toBe(0);
    expect([...hub.objects.keys()]).toEqual([sha256(vectors)]);
    isBroken = false;
    server.seen.length = 0;
    await push(from);
    expect(new Set(parts(server))).toEqual(new Set([sha256(weights)]));
    expect(hub.repositories.get('org/tiny')!.files.size).toBe(Object.keys(files).length);
  });

  test('is stopped by a signal, and nothing is committed', async () => {
    const stop = new AbortController();
    const { hub, push } = await hubOf({ intercept: () => (stop.abort(), true) });
    await expect(push(packed(), 'org/tiny', { signal: stop.signal })).rejects.toThrow(Interrupted);
    expect(hub.repositories.get('org/tiny')!.files.size).toBe(0);
  });

  test('goes into a repository that is there, and shows its token to the hub alone', async () => {
    const { hub, server, push } = await hubOf();
    hub.repositories.set('org/tiny', { private: false, files: new Map() });
    await push(packed(), 'org/tiny', { public: true });
    expect(server.seen.map(({ path }) => path)).not.toContain('/api/repos/create');
    for (const { path, authorization } of server.seen)
      expect([path, authorization]).toEqual([
        path,
        /^\/(storage|complete)/.test(path) ? undefined : 'Bearer of-a-mirror',
      ]);
  });
});

describe('nothing is pushed', () => {
  const card = (text: string) => ({ 'README.md': text });
  test.each<[string, () => string, string, RegExp]>([
    [
      'of a folder that is not there',
      () => join(folder(), 'none'),
      'org/tiny',
      /^InputError: .*none does not exist/,
    ],
    [
      'of a run',
      () => packed({ 'meddoprof.json': undefined, 'run.json': '{}' }),
      'org/tiny',
      /^InputError: .*tiny has no meddoprof.json: it is no packed model; make one with meddoprof pack/,
    ],
    [
      'with what is no part of a packed model',
      () => packed({ 'notes/a.txt': 'Trabaja.' }),
      'org/tiny',
      /^InputError: .*notes\/a.txt is nothing that meddoprof pack makes/,
    ],
    [
      'with a link in it',
      () => {
        const home = packed();
        symlinkSync(folder(), join(home, 'normalizer/encoder/0'));
        return home;
      },
      'org/tiny',
      /^InputError: .*normalizer\/encoder\/0 is a link, and what it leads to would be handed on/,
    ],
    [
      'with a card without a licence',
      () => packed(card('---\nlanguage: [es]\n---\n')),
      'org/tiny',
      /^InputError: .*README.md: the metadata have no license/,
    ],
    [
      'with a card without metadata',
      () => packed(card('# tiny\n')),
      'org/tiny',
      /^InputError: .*README.md begins with no metadata/,
    ],
    [
      'with metadata that are none',
      () => packed(card('---\nlicense: [\n---\n')),
      'org/tiny',
      /^InputError: .*README.md:\d+: the metadata are no YAML/,
    ],
    [
      'under a name that is none',
      () => packed(),
      '../tiny',
      /^UsageError: ..\/tiny is no name of a model on a hub; write org\/name/,
    ],
    [
      'where the token may not write',
      () => packed(),
      'others/tiny',
      /^InputError: 127.0.0.1:\d+ does not let this HF_TOKEN write to others\/tiny \(403\)/,
    ],
  ])('%s', async (_, from, name, message) => {
    // prettier-ignore
    const { hub, push } = await hubOf();
    const failure = await push(from(), name).then(() => 'none', (error: Error) => `${error.name}: ${error.message}`); // prettier-ignore
    expect(failure).toMatch(message);
    expect(hub.objects.size).toBe(0);
  });

  test('without a token to the hub itself, or with one that it does not know', async () => {
    await expect(pushModel(packed(), 'org/tiny', { environment: {} })).rejects.toThrow('push needs HF_TOKEN');
    const { server } = await hubOf();
    const environment = { HF_ENDPOINT: server.url, HF_TOKEN: 'hf_other' };
    await expect(pushModel(packed(), 'org/tiny', { environment, patience })).rejects.toThrow(
      /does not accept HF_TOKEN \(401\)/,
    );
  });
});
