import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openTexts } from '../../src/data/texts.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

async function textsOf(files: Record<string, string>, isWanted: (name: string) => boolean = () => true) {
  const { names, read } = await openTexts(writeFiles(folder(), files));
  const texts: string[] = [];
  for await (const { name, text } of read(isWanted)) texts.push(`${name}: ${text}`);
  return { names, texts };
}

test.each<[string, Record<string, string>]>([
  ['.txt files', { 'a.txt': 'Ana', 'b.txt': 'Bo' }],
  ['.txt files beside others', { 'a.txt': 'Ana', 'b.txt': 'Bo', 'a.jsonl': '{}' }],
  ['columns, tags or none', { 'a.conll': 'Ana B-X\n', 'b.conll': 'Bo\n' }],
  [
    'JSONL, whatever is annotated',
    {
      'x.jsonl':
        '{"text":"Ana","document":"a","spans":[{"start":7,"end":9,"label":"X"}]}\n{"text":"Bo","document":"b"}\n',
    },
  ],
])('texts are read of %s', async (_, files) => {
  expect(await textsOf(files)).toEqual({ names: ['a', 'b'], texts: ['a: Ana', 'b: Bo'] });
  expect((await textsOf(files, (name) => name === 'b')).texts).toEqual(['b: Bo']);
});

test('a file whose name does not tell its format says with which option that is said', async () => {
  const file = join(writeFiles(folder(), { one: 'Ana B-X\n' }), 'one');
  await expect(openTexts(file)).rejects.toThrow(/one is a file, .*: say which with --format \(/);
});

test('a single text says that its folder is named', async () => {
  const file = join(writeFiles(folder(), { 'one.txt': 'Ana B-X\n' }), 'one.txt');
  await expect(openTexts(file)).rejects.toThrow(
    /one\.txt is one file: name the folder of \.txt files; .* --format$/,
  );
  expect((await openTexts(file, 'conll')).names).toEqual(['one']);
});

test('a folder without texts says so', async () => {
  await expect(textsOf({ 'x.TXT': '' })).rejects.toThrow('has no .txt files');
});
