import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchModel } from '../../src/fetch/fetch.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { sendContent, testServers } from '../support/testServer.js';
import { zipOf } from '../support/zipFile.js';

const folder = temporaryFolders();
const serve = testServers();
const patience = { tries: 1, pauseMilliseconds: 1, silenceMilliseconds: 30_000 };
const corpus = zipOf([
  { name: 'corpus/task1/a.txt', content: 'Es médica.' },
  { name: 'corpus/task2/a.txt', content: 'Es médica.' },
]);
const md5 = (content: Buffer) => `md5:${createHash('md5').update(content).digest('hex')}`;

/** A server with record 1, of these files. */
function records(files: { key: string; content: Buffer; checksum?: string }[]) {
  return serve((request, response) => {
    const host = `http://${request.headers.host}`;
    if (request.url === '/api/records/1')
      return response.end(
        JSON.stringify({
          files: files.map(({ key, content, checksum }) => ({
            key,
            size: content.length,
            checksum: checksum ?? md5(content),
            links: { self: `${host}/content/${key}` },
          })),
        }),
      );
    const file = files.find(({ key }) => request.url === `/content/${key}`);
    if (!file) return response.writeHead(404).end();
    return sendContent(request, response, file.content, '"e"');
  });
}

test('a record with one archive becomes the folder in it', async () => {
  const { url } = await records([{ key: 'corpus.zip', content: corpus }]);
  const out = join(folder(), 'corpus');
  const environment = { ZENODO_ENDPOINT: url };
  const fetched = await fetchModel('zenodo:1', { out, environment, patience });
  expect(readdirSync(out).sort()).toEqual(['fetched.json', 'task1', 'task2']);
  expect(fetched).toMatchObject({ source: 'zenodo:1', resolved: 'record 1' });
});

test('a record with several files keeps them apart', async () => {
  const codes = { key: 'codes.tsv', content: Buffer.from('code\tlabel\n') };
  const { url } = await records([{ key: 'corpus.zip', content: corpus }, codes]);
  const out = join(folder(), 'corpus');
  await fetchModel('zenodo:1', { out, environment: { ZENODO_ENDPOINT: url }, patience });
  expect(readdirSync(out).sort()).toEqual(['codes.tsv', 'corpus', 'fetched.json']);
  expect(readdirSync(join(out, 'corpus', 'corpus')).sort()).toEqual(['task1', 'task2']);
});

test('an archive whose name leads elsewhere without its end is unpacked among the other files', async () => {
  const codes = { key: 'codes.tsv', content: Buffer.from('code\tlabel\n') };
  const { url } = await records([{ key: '...zip', content: corpus }, codes]);
  const out = join(folder(), 'corpus');
  await fetchModel('zenodo:1', { out, environment: { ZENODO_ENDPOINT: url }, patience });
  expect(readdirSync(out).sort()).toEqual(['...zip.unpacked', 'codes.tsv', 'fetched.json']);
});

test.each([
  [
    'another checksum',
    [{ key: 'a.zip', content: corpus, checksum: 'md5:00' }],
    '1',
    /a\.zip .*not what was announced \(md5/,
  ],
  ['no such record', [], '2', /has no record 2$/],
  ['no files', [], '1', /no list of files/],
  ['a file name that leads elsewhere', [{ key: '../a.zip', content: corpus }], '1', /no list of files/],
])('%s is told in a sentence', async (_, files, record, message) => {
  const { url } = await records(files);
  const out = join(folder(), 'corpus');
  const environment = { ZENODO_ENDPOINT: url };
  await expect(fetchModel(`zenodo:${record}`, { out, environment, patience })).rejects.toThrow(message);
});
