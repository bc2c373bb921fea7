import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InputError } from '../../src/errors.js';
import { fetchModel } from '../../src/fetch/fetch.js';
import { silent } from '../../src/fetch/progress.js';
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

  const zeros = { name: 'zeros', content: Buffer.alloc(101e6) };
  const inner = zipOf([{ ...zeros, content: zeros.content.subarray(0, 30e6) }]);
  const several = ['a', 'b', 'c', 'd'].map((name) => ({ name, content: inner }));
  const evil = { name: '../../evil', content: 'x' };
  const absolute = { name: '/tmp/meddoprof-evil', content: 'x' };
  test.each([
    ['zip', 'a name with ..', zipOf([...model, evil]), /tiny\.zip cannot be unpacked: invalid relative path/],
    [
      'zip',
      'an absolute name',
      zipOf([...model, absolute]),
      /cannot be unpacked: absolute path|outside the folder/,
    ],
    ['zip', 'the same name twice', zipOf([...model, ...model]), /already exists|EEXIST/],
    ['zip', 'a wrong checksum', zipOf([{ name: 'a', content: 'x', crc: 1 }]), /tiny\.zip: a is damaged/],
    ['zip', 'its end missing', zipOf(model).subarray(0, -30), /tiny\.zip cannot be unpacked/],
    [
      'tgz',
      'a name with ..',
      gzipSync(tarOf([...model, evil])),
      /tiny\.tgz: "\.\.\/\.\.\/evil" would be written outside the folder/,
    ],
    ['tgz', 'an absolute name', gzipSync(tarOf([absolute])), /outside the folder/],
    ['tgz', 'its end missing', gzipSync(tarOf(model)).subarray(0, 60), /tiny\.tgz cannot be unpacked/],
    [
      'zip',
      'a thousand times its size',
      zipOf([zeros]),
      /tiny\.zip has \S+ kB and becomes more than 100\.0 MB/,
    ],
    [
      'tgz',
      'a thousand times its size',
      gzipSync(tarOf([zeros])),
      /has \S+ kB and becomes more than 100\.0 MB/,
    ],
    [
      'jar',
      'a bomb in an archive in it',
      zipOf([{ name: 'inner', content: zipOf([zeros]) }]),
      /inner has \S+ kB and/,
    ],
    ['zip', 'many archives in it', zipOf(several), /^tiny\.zip has \S+ kB and becomes more than 100\.0 MB/],
    [
      'zip',
      'a name of 300 bytes',
      zipOf([{ name: `a/${'ñ'.repeat(150)}`, content: 'x' }]),
      /longer than 255 bytes/,
    ],
    [
      'zip',
      'folders in folders',
      zipOf([{ name: 'a/'.repeat(99) + 'b', content: 'x' }]),
      /too long or too deep/,
    ],
    [
      'zip',
      'a file that is a folder too',
      zipOf([
        { name: 'a', content: 'x' },
        { name: 'a/b', content: 'x' },
      ]),
      /: /,
    ],
    ['txt', 'text for content', Buffer.from('hello'), /neither a folder nor an archive/],
    ['zip', 'nothing in it', zipOf([]), /neither a folder nor an archive|no files/],
  ])('(%s) with %s is refused and leaves nothing', async (kind, _, content, message) => {
    const { home, fetched } = await fetchArchive(content, `tiny.${kind}`);
    const error = await fetched().catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
    expect(readdirSync(home).sort()).toEqual(
      existsSync(join(home, 'inside')) ? ['inside', `tiny.${kind}`] : [`tiny.${kind}`],
    );
    if (existsSync(join(home, 'inside'))) expect(readdirSync(join(home, 'inside'))).toEqual([]);
    expect(existsSync('/tmp/meddoprof-evil')).toBe(false);
  });

  test('that is a pipe is refused', async () => {
    const home = folder();
    const file = join(home, 'pipe.tgz');
    execFileSync('mkfifo', [file]);
    await expect(fetchModel(file, { out: join(home, 'out') })).rejects.toThrow(
      /pipe\.tgz cannot be read: it is a pipe/,
    );
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

describe('a tgz', () => {
  const program = { name: 'top/tiny/run', content: '#!/bin/sh', mode: 0o104755 };
  const device = { name: 'top/tiny/device', content: '', mode: 0o020666 };

  test('gives no file the rights of another user, and no device; it is told what was left out', async () => {
    const home = folder();
    const file = join(home, 'x.tgz');
    writeFileSync(file, gzipSync(tarOf([...model, program, device])));
    const notices: string[] = [];
    const progress = { ...silent, notice: (text: string) => notices.push(text) };
    await fetchModel(file, { out: join(home, 'out'), progress });
    expect(statSync(join(home, 'out/run')).mode & 0o7133).toBe(0);
    expect(existsSync(join(home, 'out/device'))).toBe(false);
    expect(notices).toContain(`${file}: 1 links or devices in it were left out`);
  });

  test('that was cut anywhere is refused in one sentence and leaves nothing', async () => {
    const content = gzipSync(tarOf([...model, { name: 'top/noise', content: randomBytes(3000) }]));
    for (let length = 3; length < content.length; length += 97) {
      const { home, fetched } = await fetchArchive(content.subarray(0, length), 'x.tgz');
      await expect(fetched()).rejects.toThrow(InputError);
      expect(readdirSync(join(home, 'inside'))).toEqual([]);
    }
  });
});

describe('a folder', () => {
  test('with a licence beside the model is fetched with it', async () => {
    const from = folder();
    for (const name of ['config.json', 'model.safetensors', 'LICENSE']) writeFileSync(join(from, name), '{}');
    const out = join(folder(), 'out');
    await fetchModel(from, { out });
    expect(readdirSync(out).sort()).toEqual(['LICENSE', 'config.json', 'fetched.json', 'model.safetensors']);
  });

  test('goes to a name that is too long for no disk, in one sentence', async () => {
    const from = folder();
    writeFileSync(join(from, 'config.json'), '{}');
    const out = join(folder(), 'x'.repeat(300));
    await expect(fetchModel(from, { out })).rejects.toThrow(/^the name of \S+ is too long for this disk/);
  });

  test('that a kill left half replaced is put back, and the next call does the rest', async () => {
    const from = folder();
    writeFileSync(join(from, 'config.json'), '{}');
    const home = folder();
    const out = join(home, 'out');
    const first = await fetchModel(from, { out });
    mkdirSync(`${out}.part/model`, { recursive: true });
    renameSync(out, `${out}.part/old`);
    expect(await fetchModel(from, { out })).toMatchObject({ already: true, date: first.date });
    expect(readdirSync(home)).toEqual(['out']);
  });

  test('that a kill left beside what it replaced needs nothing but that this goes', async () => {
    const from = folder();
    writeFileSync(join(from, 'config.json'), '{}');
    const home = folder();
    const out = join(home, 'out');
    await fetchModel(from, { out });
    mkdirSync(`${out}.part/old`, { recursive: true });
    expect(await fetchModel(from, { out })).toMatchObject({ already: true });
    expect(readdirSync(home)).toEqual(['out']);
  });

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
