import { describe, expect, test } from '@jest/globals';
import { mkdirSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Interrupted } from '../../src/errors.js';
import { fetchModel } from '../../src/fetch/fetch.js';
import { silent } from '../../src/fetch/progress.js';
import { hubServer, type Hub } from '../support/hubServer.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { testServers } from '../support/testServer.js';
import { fetchTiny, files, patience, sha256, weights } from '../support/tinyHub.js';

const folder = temporaryFolders();
const serve = testServers();

/** Sends the first half of the content, then breaks the connection once that has arrived in `out`'s part. */
const breakOff = (response: ServerResponse, content: Buffer, etag: string, out: string) =>
  sendHalf(response, content, etag, out, () => void response.destroy());

/** Sends half of a content and no more, and tells when that has come. */
function sendHalf(
  response: ServerResponse,
  content: Buffer,
  etag: string,
  out: string,
  arrived: () => void,
): true {
  const half = content.length / 2;
  const part = join(`${out}.part`, 'model', 'model.safetensors.part');
  response.writeHead(200, { etag, 'content-length': content.length });
  response.write(content.subarray(0, half));
  const timer = setInterval(() => {
    if (!existsSync(part) || statSync(part).size < half) return;
    clearInterval(timer);
    arrived();
  }, 5);
  return true;
}

describe('a download that breaks', () => {
  test('goes on where it stopped, in the same call', async () => {
    let broken = 0;
    const out = join(folder(), 'tiny');
    const hub: Hub = {
      files,
      intercept: (_, response, content) =>
        content.length > 100 && broken++ === 0 && breakOff(response, content, `"${sha256(content)}"`, out),
    };
    const server = await hubServer(serve, hub);
    const notices: string[] = [];
    await fetchTiny(server, out, { progress: { ...silent, notice: (text) => notices.push(text) } });
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
    expect(server.seen.filter(({ range }) => range).map(({ range }) => range)).toEqual(['bytes=2000-']);
    expect(notices.join()).toMatch(/model\.safetensors: the connection broke .*trying again in 1 s/);
  });

  test('goes on in a later call, and nothing stands under the final name before', async () => {
    const home = folder();
    const out = join(home, 'tiny');
    const hub: Hub = { files };
    const server = await hubServer(serve, hub);
    hub.intercept = (request, response, content) =>
      content.length > 100 &&
      (request.headers.range
        ? !!response.destroy()
        : breakOff(response, content, `"${sha256(content)}"`, out));
    await expect(fetchTiny(server, out)).rejects.toThrow(
      /model\.safetensors: the connection broke \(\w+\), \d times in a row: run the same command later/,
    );
    expect(readdirSync(home)).toEqual(['tiny.part']);
    delete hub.intercept;
    server.seen.length = 0;
    await fetchTiny(server, out);
    expect(server.seen.map(({ range }) => range).filter(Boolean)).toEqual(['bytes=2000-']);
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
    expect(readdirSync(home)).toEqual(['tiny']);
  });

  test.each(['{"url": "ht', '', 'null', '{"url": 3}'])(
    'starts anew where what is known of a part is damaged: %j',
    async (known) => {
      const out = join(folder(), 'tiny');
      mkdirSync(`${out}.part`);
      writeFileSync(join(`${out}.part`, 'model.safetensors.part'), 'half');
      writeFileSync(join(`${out}.part`, 'model.safetensors.part.json'), known);
      const server = await hubServer(serve, { files });
      await fetchTiny(server, out);
      expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
      expect(server.seen.filter(({ range }) => range)).toEqual([]);
    },
  );

  test('is heard to stop in the middle of it, and goes on from there in the next call', async () => {
    const home = folder();
    const out = join(home, 'tiny');
    const abort = new AbortController();
    const hub: Hub = { files };
    hub.intercept = (_, response, content) =>
      content.length > 100 && sendHalf(response, content, `"${sha256(content)}"`, out, () => abort.abort());
    const server = await hubServer(serve, hub);
    const environment = { HF_ENDPOINT: server.url };
    const fetching = fetchModel('hub:org/tiny', { out, environment, patience }, { signal: abort.signal });
    await expect(fetching).rejects.toBeInstanceOf(Interrupted);
    expect(readdirSync(home)).toEqual(['tiny.part']);
    delete hub.intercept;
    server.seen.length = 0;
    await fetchTiny(server, out);
    expect(server.seen.map(({ range }) => range).filter(Boolean)).toEqual(['bytes=2000-']);
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
  });

  test('starts anew where the server ignores Range', async () => {
    let broken = 0;
    const out = join(folder(), 'tiny');
    const hub: Hub = {
      files,
      intercept(_, response, content) {
        if (content.length < 100) return false;
        if (broken++ === 0) return breakOff(response, content, '"e"', out);
        return !!response.writeHead(200, { 'content-length': content.length }).end(content);
      },
    };
    await fetchTiny(await hubServer(serve, hub), out);
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(weights);
  });

  test('starts anew where the content has changed since', async () => {
    const out = join(folder(), 'tiny');
    const hub: Hub = { files: { ...files } };
    const server = await hubServer(serve, hub);
    hub.intercept = (_, response, content) =>
      content.length > 100 && breakOff(response, content, '"old"', out);
    await expect(fetchTiny(server, out)).rejects.toThrow(/in a row/);
    delete hub.intercept;
    const changed = Buffer.from(weights).fill(9);
    hub.files['model.safetensors'] = changed;
    server.seen.length = 0;
    await fetchTiny(server, out);
    expect(server.seen.some(({ range }) => range)).toBe(false);
    expect(readFileSync(join(out, 'model.safetensors'))).toEqual(changed);
  });

  test('is tried again after answers that pass, but not for ever', async () => {
    let refused = 0;
    const busy: Hub['intercept'] = (_, response) => refused++ < 2 && !!response.writeHead(503).end();
    const out = join(folder(), 'tiny');
    await fetchTiny(await hubServer(serve, { files, intercept: busy }), out);
    const never: Hub['intercept'] = (_, response) => !!response.writeHead(429, { 'retry-after': '0' }).end();
    await expect(
      fetchTiny(await hubServer(serve, { files, intercept: never }), join(folder(), 'tiny')),
    ).rejects.toThrow(/config\.json: the server answered 429, 3 times in a row/);
  });

  test('is given up where nothing comes for too long', async () => {
    const hub: Hub = { files, intercept: (_, response) => !!response.writeHead(200).write('x') };
    const short = { ...patience, tries: 1, silenceMilliseconds: 150 };
    await expect(
      fetchTiny(await hubServer(serve, hub), join(folder(), 'tiny'), { patience: short }),
    ).rejects.toThrow(/nothing came for too long/);
  });
});
