import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram } from '../support/builtProgram.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test("evaluate loads neither TensorFlow nor, with labels given, the config's schema", () => {
  const place = writeFiles(folder(), {
    'gold/task1/a.ann': 'T1\tA 3 9\tmédica\nT2\tB 15 20\tjueza\n',
    'gold/task1/a.txt': 'La médica y la jueza.',
    'pred/task1/a.ann': 'T1\tA 3 9\tmédica\n',
  });
  const sides = ['--gold', join(place, 'gold/task1'), '--predictions', join(place, 'pred/task1')];
  const coverage = join(place, 'coverage'); // names every script that was loaded
  execFileSync(process.execPath, [builtProgram, 'evaluate', '--task', 'jobs', '--labels', 'A', ...sides], {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
  });
  const [file] = readdirSync(coverage);
  const { result } = JSON.parse(readFileSync(join(coverage, file!), 'utf8')) as {
    result: { url: string }[];
  };
  const loaded = result.map(({ url }) => url);
  expect(loaded.some((url) => url.endsWith('/eval/spans.js'))).toBe(true);
  expect(loaded.filter((url) => /@tensorflow|tokenizers|\/(zod|yaml)\//.test(url))).toEqual([]);
});
