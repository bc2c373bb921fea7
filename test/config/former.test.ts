import { expect, test } from '@jest/globals';
import { withoutFormer } from '../../src/config/former.js';
import { loadConfig } from '../../src/config/load.js';
import { plain } from '../../src/config/tree.js';
import { parseYaml } from '../../src/config/yaml.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const tree = (text: string) => parseYaml(text, (line) => `c.yaml:${line}`);
const read = (text: string) => plain(withoutFormer(tree(text)));

test('what is called as every object has it, or stands in another section, stays as it is', () => {
  const text = 'decoding: {outputs: two}\nconstructor: {toString: 1}\nmodel: {outputs: constructor}';
  expect(read(text)).toEqual(plain(tree(text)));
});

test('a config that an earlier version has written is read, its outputs by the names of today', async () => {
  const text = 'tasks: {ner: {folder: a, labels: [A]}}\ndata: {corpus: c}\nmodel: {outputs: OLD}\n';
  for (const [old, today] of [
    ['two', 'perTask'],
    ['single', 'joint'],
    ['joint', 'joint'],
  ] as const) {
    // prettier-ignore
    const home = writeFiles(folder(), { 'config.yaml': text.replace('OLD', old) });
    expect((await loadConfig(`${home}/config.yaml`)).config.model.outputs).toBe(today);
  }
});
