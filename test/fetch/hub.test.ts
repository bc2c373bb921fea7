import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchModel } from '../../src/fetch/fetch.js';
import { hubServer, type Hub } from '../support/hubServer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { sendContent, testServers, unusedAddress } from '../support/testServer.js';
import { fetchTiny, files, patience, sha256, weights } from '../support/tinyHub.js';

const folder = temporaryFolders();
const serve = testServers();

describe('a model on the hub', () => {
  test('is fetched at one commit, without other formats, its checksums recorded', async () => {
    const out = join(folder(), 'models', 'tiny');
    const server = await hubServer(serve, { files });
    const fetched = await fetchTiny(server, out);
    expect(fetched).toMatchObject({ source: 'hub:org/tiny', resolved: 'commit c0ffee', already: false });
    expect(readdirSync(out).sort()).toEqual([
      'config.json',
      'fetched.json',
      'model.safetensors',
      'vocab.txt',
    ]);
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
    const record = JSON.parse(readFileSync(join(out, 'fetched.json'), 'utf8'));
    expect(record.files['model.safetensors']).toEqual({ size: weights.length, sha256: sha256(weights) });
    expect(existsSync(`${out}.part`)).toBe(false);
    expect(server.seen.every(({ path }) => /api|c0ffee/.test(path))).toBe(true);
  });

  test('is fetched with the files of its tokenizer, whatever its kind', async () => {
    const out = join(folder(), 'tiny');
    const tokenizer = { 'tokenizer.json': '{}', 'vocab.json': '{}', 'merges.txt': '#version: 0.2\n' };
    await fetchTiny(await hubServer(serve, { files: { ...files, ...tokenizer } }), out);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(Object.keys(tokenizer)));
  });

  test('is asked for with the token, which storage elsewhere does not get', async () => {
    const storage = await serve((request, response) => sendContent(request, response, weights, '"s"'));
    const server = await hubServer(serve, { files, token: 'secret', storage });
    const out = join(folder(), 'tiny');
    await fetchTiny(server, out, { token: 'secret' });
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
    expect(storage.seen).toEqual([{ method: 'GET', path: '/model.safetensors' }]);
  });

  test('is followed to where the hub keeps small files', async () => {
    const out = join(folder(), 'tiny');
    const server = await hubServer(serve, { files, cache: '/api/resolve-cache/' });
    await fetchTiny(server, out);
    expect(readFileSync(join(out, 'vocab.txt'), 'utf8')).toBe('[PAD]\n');
    expect(server.seen).toContainEqual({ method: 'HEAD', path: '/api/resolve-cache/vocab.txt' });
  });

  test('in shards comes with its index and its modules', async () => {
    const shard = 'model-00001-of-00001.safetensors';
    const sharded = {
      'config.json': '{}',
      'model.safetensors.index.json': '{}',
      [shard]: weights,
      '1_Pooling/config.json': '{}',
      'onnx/model.safetensors': 'x',
      '../evil.json': 'x',
    };
    const out = join(folder(), 'tiny');
    const fetched = await fetchTiny(await hubServer(serve, { files: sharded }), out);
    const expected = ['1_Pooling/config.json', 'config.json', shard, 'model.safetensors.index.json'];
    expect(Object.keys(fetched.files).sort()).toEqual(expected.sort());
  });

  test('comes from a mirror that has files only, too', async () => {
    const out = join(folder(), 'tiny');
    const fetched = await fetchTiny(await hubServer(serve, { files, noList: true }), out);
    expect(fetched.resolved).toBe('revision main');
    expect(Object.keys(fetched.files)).toContain('model.safetensors');
  });
});

describe('is refused with a sentence, and leaves nothing behind:', () => {
  const other: Hub['intercept'] = (request, response, content) => {
    if (content.length < 100) return false;
    sendContent(request, response, Buffer.alloc(content.length), '"x"');
    return true;
  };
  const { 'model.safetensors': _, ...pickled } = files;
  test.each<[string, Hub, string | undefined, RegExp]>([
    [
      'content with another checksum',
      { files, intercept: other },
      undefined,
      /not what was announced \(sha256 \w+ instead of/,
    ],
    [
      'a model that is not there',
      { files: {}, noList: true },
      undefined,
      /has no org\/tiny at revision main .*\(404\)/,
    ],
    ['a missing token', { files, token: 'secret' }, undefined, /\(401\): check the name, or set HF_TOKEN/],
    ['a wrong token', { files, token: 'secret' }, 'other', /does not accept HF_TOKEN for org\/tiny \(401\)/],
    [
      'terms not accepted',
      { files, intercept: (_, response) => !!response.writeHead(403).end() },
      undefined,
      /refuses org\/tiny \(403\): accept its terms/,
    ],
    ['no safetensors', { files: pickled }, undefined, /no model\.safetensors, only pytorch_model\.bin/],
  ])('%s', async (_, hub, token, message) => {
    const home = folder();
    const error = await fetchTiny(await hubServer(serve, hub), join(home, 'tiny'), { token }).catch(
      (e: Error) => e,
    );
    expect(error).toMatchObject({ name: 'InputError' });
    expect((error as Error).message).toMatch(message);
    expect(existsSync(join(home, 'tiny'))).toBe(false);
    expect(existsSync(join(home, 'tiny.part', 'model', 'model.safetensors'))).toBe(false);
  });

  test('an endpoint that is no address', async () => {
    const environment = { HF_ENDPOINT: 'mirror.example' };
    await expect(fetchModel('org/tiny', { out: join(folder(), 'x'), environment })).rejects.toThrow(
      /^HF_ENDPOINT is mirror\.example, which is no address/,
    );
  });

  test('a hub that does not answer, with what else there is', async () => {
    const environment = { HF_ENDPOINT: await unusedAddress() };
    await expect(fetchModel('org/tiny', { out: join(folder(), 'x'), environment, patience })).rejects.toThrow(
      /^127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\): .*HF_ENDPOINT/,
    );
  });
});

describe('a folder that is there already', () => {
  test('is verified and not fetched again', async () => {
    const server = await hubServer(serve, { files });
    const out = join(folder(), 'tiny');
    await fetchTiny(server, out);
    server.seen.length = 0;
    expect(await fetchTiny(server, out)).toMatchObject({ already: true, resolved: 'commit c0ffee' });
    expect(server.seen).toEqual([]);
  });

  test('that was changed is told by name, and replaced with --force', async () => {
    const server = await hubServer(serve, { files });
    const home = folder();
    const out = join(home, 'tiny');
    await fetchTiny(server, out);
    writeFileSync(join(out, 'vocab.txt'), 'mine');
    await expect(fetchTiny(server, out)).rejects.toThrow(/vocab\.txt is not what was fetched .*--force/);
    await fetchTiny(server, out, { force: true });
    expect(readFileSync(join(out, 'vocab.txt'), 'utf8')).toBe('[PAD]\n');
    expect(readdirSync(home)).toEqual(['tiny']);
  });

  test('whose record is damaged is refused with a sentence', async () => {
    const server = await hubServer(serve, { files });
    const out = join(folder(), 'tiny');
    await fetchTiny(server, out);
    writeFileSync(join(out, 'fetched.json'), '{"source": "hub');
    await expect(fetchTiny(server, out)).rejects.toThrow(
      /fetched\.json cannot be read as the record of what was fetched: .*; delete the folder and fetch again\.$/,
    );
  });

  test('and holds something else is left alone, even with --force', async () => {
    const server = await hubServer(serve, { files });
    const out = folder();
    writeFileSync(join(out, 'thesis.tex'), 'x');
    await expect(fetchTiny(server, out, { force: true })).rejects.toThrow(/was not made by fetch/);
    expect(readdirSync(out)).toEqual(['thesis.tex']);
  });

  test('and holds another model is told', async () => {
    const server = await hubServer(serve, { files });
    const out = join(folder(), 'tiny');
    await fetchTiny(server, out);
    await expect(fetchModel('hub:org/other', { out })).rejects.toThrow(
      /tiny holds hub:org\/tiny: choose another --out/,
    );
  });
});
