import { expect, test } from '@jest/globals';
import { withoutFormer } from '../../src/config/former.js';
import { loadConfig } from '../../src/config/load.js';
import { plain } from '../../src/config/tree.js';
import { parseYaml } from '../../src/config/yaml.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const tree = (text: string) => parseYaml(text, (line) => `c.yaml:${line}`);
const names = { 'training.learningRate': 'training.rate', 'decode': 'decoding' }; // prettier-ignore
const values = { 'decoding.pooling': { average: 'mean' } };
const read = (text: string) => plain(withoutFormer(tree(text), { names, values }));

test('options and values that are called otherwise now are read by their former names', () => {
  expect(read('training: {learningRate: 3}')).toEqual({ training: { rate: 3 } });
  expect(read('decode: {pooling: average}')).toEqual({ decoding: { pooling: 'mean' } });
  expect(read('decoding: {pooling: max}')).toEqual({ decoding: { pooling: 'max' } });
});

test('an option of another section, or one called as what every object has, stays as it is', () => {
  const text = 'model: {learningRate: 3}\nconstructor: {toString: 1}\ndecoding: {pooling: constructor}';
  expect(read(text)).toEqual(plain(tree(text)));
});

test('an option that stands under both names keeps both', () => {
  expect(read('training: {learningRate: 3, rate: 4}')).toEqual({ training: { learningRate: 3, rate: 4 } });
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
