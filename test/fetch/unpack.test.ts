import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchModel } from '../../src/fetch/fetch.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tarOf, zipOf, type ZipEntry } from '../support/zipFile.js';

const folder = temporaryFolders();
const model: ZipEntry[] = [
  { name: 'top/tiny/config.json', content: '{}' },
  { name: 'top/tiny/model.safetensors', content: 'w'.repeat(1000) },
];

/** Writes an archive into a folder of its own and fetches it to `out` beside it. */
async function fetchArchive(content: Buffer, name: string) {
  const home = folder();
  const file = join(home, name);
  writeFileSync(file, content);
  const out = join(home, 'inside', 'out');
  return { home, out, fetched: () => fetchModel(`file:${file}`, { out }) };
}

describe('an archive', () => {
  test.each([
    ['zip', zipOf(model)],
    ['tgz', gzipSync(tarOf(model))],
    ['jar', zipOf([{ name: 'resources/model', content: zipOf(model) }])],
  ])('(%s) gives the folder of the model in it', async (kind, content) => {
    const { out, fetched } = await fetchArchive(content, `tiny.${kind}`);
    await fetched();
    expect(readdirSync(out).sort()).toEqual(['config.json', 'fetched.json', 'model.safetensors']);
    expect(readFileSync(join(out, 'model.safetensors'), 'utf8')).toBe('w'.repeat(1000));
  });

  test('without a model gives all there is, without the folders around it', async () => {
    const corpus = [
      { name: 'corpus/task1/a.txt', content: 'Es médica.' },
      { name: 'corpus/task2/a.txt', content: 'Es médica.' },
      { name: '__MACOSX/corpus/._a', content: 'x' },
    ];
    const { out, fetched } = await fetchArchive(zipOf(corpus), 'corpus.zip');
    await fetched();
    expect(readdirSync(out).sort()).toEqual(['fetched.json', 'task1', 'task2']);
  });

  const evil = { name: '../../evil', content: 'x' };
  const absolute = { name: '/tmp/meddoprof-evil', content: 'x' };
  test.each([
    ['zip', 'a name with ..', zipOf([...model, evil]), /tiny\.zip cannot be unpacked: invalid relative path/],
    ['zip', 'an absolute name', zipOf([...model, absolute]), /cannot be unpacked: absolute path/],
    ['zip', 'the same name twice', zipOf([...model, ...model]), /already exists|EEXIST/],
    ['zip', 'a wrong checksum', zipOf([{ name: 'a', content: 'x', crc: 1 }]), /tiny\.zip: a is damaged/],
    ['zip', 'its end missing', zipOf(model).subarray(0, -30), /tiny\.zip cannot be unpacked/],
    [
      'tgz',
      'a name with ..',
      gzipSync(tarOf([...model, evil])),
      /tiny\.tgz cannot be unpacked: path contains '\.\.'/,
    ],
    ['tgz', 'an absolute name', gzipSync(tarOf([absolute])), /cannot be unpacked/],
    ['tgz', 'its end missing', gzipSync(tarOf(model)).subarray(0, 60), /tiny\.tgz cannot be unpacked/],
    ['txt', 'text for content', Buffer.from('hello'), /neither a folder nor an archive/],
    ['zip', 'nothing in it', zipOf([]), /neither a folder nor an archive|no files/],
  ])('(%s) with %s is refused and leaves nothing', async (kind, _, content, message) => {
    const { home, fetched } = await fetchArchive(content, `tiny.${kind}`);
    const error = await fetched().catch((caught: Error) => caught);
    expect((error as Error).message).toMatch(message);
    expect(readdirSync(home).sort()).toEqual(
      existsSync(join(home, 'inside')) ? ['inside', `tiny.${kind}`] : [`tiny.${kind}`],
    );
    if (existsSync(join(home, 'inside'))) expect(readdirSync(join(home, 'inside'))).toEqual([]);
    expect(existsSync('/tmp/meddoprof-evil')).toBe(false);
  });

  const link = { name: 'top/tiny/link', content: '/etc', mode: 0o120777 };
  const through = { name: 'top/tiny/link/evil', content: 'x' };
  test.each([
    ['zip', zipOf([...model, link, through])],
    ['tgz', gzipSync(tarOf([...model, link, through]))],
  ])('(%s) with a link has the link left out', async (kind, content) => {
    const { out, fetched } = await fetchArchive(content, `tiny.${kind}`);
    await fetched();
    expect(existsSync('/etc/evil')).toBe(false);
    expect(readdirSync(join(out, 'link'))).toEqual(['evil']);
  });
});

describe('a folder', () => {
  test('is copied, links to files as files, hidden files left out', async () => {
    const home = folder();
    const from = join(home, 'from');
    mkdirSync(join(from, '.git'), { recursive: true });
    writeFileSync(join(from, '.git', 'config'), 'x');
    writeFileSync(join(from, 'config.json'), '{}');
    writeFileSync(join(home, 'blob'), 'weights');
    symlinkSync('../blob', join(from, 'model.safetensors'));
    const out = join(home, 'out');
    await fetchModel(from, { out });
    expect(readdirSync(out).sort()).toEqual(['config.json', 'fetched.json', 'model.safetensors']);
    expect(readFileSync(join(out, 'model.safetensors'), 'utf8')).toBe('weights');
    expect(readdirSync(from)).toContain('model.safetensors');
  });

  test('is not copied into itself', async () => {
    const from = folder();
    writeFileSync(join(from, 'config.json'), '{}');
    await expect(fetchModel(from, { out: join(from, 'out') })).rejects.toThrow(
      /cannot be copied into itself/,
    );
  });
});
