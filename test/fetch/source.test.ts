import { describe, expect, test } from '@jest/globals';
import { formatBytes, progressInLines } from '../../src/fetch/progress.js';
import { defaultFolder, formatSource, knownModels, parseSources } from '../../src/fetch/source.js';

describe('a source', () => {
  test.each([
    ['hub:org/name', { kind: 'hub', name: 'org/name', revision: 'main' }, 'models/name'],
    ['hub:org/name@refs/pr/1', { kind: 'hub', name: 'org/name', revision: 'refs/pr/1' }, 'models/name'],
    [
      'hub:bert-base-uncased',
      { kind: 'hub', name: 'bert-base-uncased', revision: 'main' },
      'models/bert-base-uncased',
    ],
    ['maven:org.a:b-c:1.0', { kind: 'maven', group: 'org.a', name: 'b-c', version: '1.0' }, 'models/b-c'],
    ['npm:@org/name@1.2.3', { kind: 'npm', name: '@org/name', version: '1.2.3' }, 'models/name'],
    ['npm:@org/name', { kind: 'npm', name: '@org/name' }, 'models/name'],
    ['pypi:name==1.0', { kind: 'pypi', name: 'name', version: '1.0' }, 'models/name'],
    ['zenodo:123', { kind: 'zenodo', record: '123' }, 'corpora/zenodo-123'],
    ['file:../a/b.tar.gz', { kind: 'local', path: '../a/b.tar.gz' }, 'models/b'],
  ])('%s is read and written', (text, source, folder) => {
    const [parsed, ...more] = parseSources(text);
    expect(parsed).toEqual(source);
    expect(more).toEqual([]);
    expect(formatSource(parsed!)).toBe(text);
    expect(defaultFolder(parsed!)).toBe(folder);
  });

  test('without a kind is a path where it looks like one or is there, else a name on the hub', () => {
    expect(parseSources('./model.zip')).toEqual([{ kind: 'local', path: './model.zip' }]);
    expect(parseSources('src/fetch')).toEqual([{ kind: 'local', path: 'src/fetch' }]);
    expect(parseSources('org/name')).toEqual([{ kind: 'hub', name: 'org/name', revision: 'main' }]);
  });

  test('may be a known name, which has sources to be tried in order', () => {
    const kinds = parseSources('bert-base-multilingual-cased').map(({ kind }) => kind);
    expect(kinds).toEqual(['hub', 'maven']);
    for (const name of Object.keys(knownModels)) expect(() => parseSources(name)).not.toThrow();
  });

  test.each([
    ['nonsense', /neither a path nor a known model.*\n.*bert-base-multilingual-cased: hub:/],
    ['__proto__', /neither a path nor a known model/],
    ['hub:a/b/c', /write hub:org\/name/],
    ['hub:../../etc', /write hub:org\/name/],
    ['maven:a:b', /write maven:group:artifact:version/],
    ['maven:a:../b:1', /write maven:group:artifact:version/],
    ['npm:--registry', /write npm:name/],
    ['npm:a@../b', /write npm:name/],
    ['pypi:-r', /write pypi:name/],
    ['zenodo:abc', /write zenodo:RECORD/],
  ])('%s is wrong usage', (text, message) => {
    expect(() => parseSources(text)).toThrow(message);
    expect(() => parseSources(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('progress', () => {
  test('off a terminal is a line now and then, with share, rate and time left', () => {
    const lines: string[] = [];
    const progress = progressInLines((line) => lines.push(line), 0);
    progress.begin('model.safetensors', 4_000_000, 1_000_000);
    progress.add(1_000_000);
    progress.end();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^model\.safetensors: 50 % of 4\.0 MB, .*B\/s, \d+ s left$/);
  });

  test('names amounts as people do', () => {
    expect([0, 999, 1000, 714_260_460, 2.5e12].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '714.3 MB',
      '2.5 TB',
    ]);
  });
});
