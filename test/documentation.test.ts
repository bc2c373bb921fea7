import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { writeFiles } from './support/corpus.js';
import { doingsOf } from './support/documentation.js';
import { failureOf } from './support/shell.js';
import { temporaryFolders } from './support/temporaryFolder.js';

const folder = temporaryFolders();
const doingsIn = (page: string) => doingsOf(join(writeFiles(folder(), { 'page.md': page }), 'page.md'));

describe('the lines of a block', () => {
  test.each([
    ['fails and says nothing', 'false', /^ended with 1: $/],
    ['fails before others', 'echo a; false\necho b', /^ended with 1: a\n$/],
    ['fails in a pipe', 'false | cat', /^ended with 1: $/],
    ['is not there', 'meddoproff train', /^ended with 127: .*meddoproff/],
    ['is ended by a signal', "sh -c 'kill -KILL $$'", /^ended with (137|SIGKILL): /],
    ['ends the shell by a signal', 'echo a; kill -TERM $$', /^ended with SIGTERM: a\n$/],
  ])('fail where one %s', async (_, lines, failure) => {
    expect(await failureOf(lines, folder())).toMatch(failure);
  });

  test('are right where all end well, whatever they print', async () => {
    expect(await failureOf('echo a >&2\ntrue | cat', folder())).toBeUndefined();
  });
});

describe('the marks of a page', () => {
  test('say what is run and what is saved, with its line', () => {
    const page = 'A\n<!-- run -->\n\n```sh\na\nb\n```\n<!-- file: c.yaml -->\n```yaml\nc: 1\n```\n';
    expect(doingsIn(page)).toEqual([
      { line: 2, run: 'a\nb\n', isSlow: false },
      { line: 8, file: 'c.yaml', content: 'c: 1\n' },
    ]);
  });

  test.each([
    ['has no block', '<!-- run -->\n\nA paragraph.\n', /:1: no block of code follows the mark/],
    ['is misspelt', '<!-- run: slowly -->\n```sh\na\n```\n', /:1: slowly is no mark/],
  ])('are refused where one %s', (_, page, message) => {
    expect(() => doingsIn(page)).toThrow(message);
  });
});
