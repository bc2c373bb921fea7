import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTensorflowCheckpoint } from '../../src/model/weights/checkpoint.js';
import { parseEncoderConfig } from '../../src/model/encoders/config.js';
import { crc32c } from '../../src/model/weights/crc32c.js';
import { openWeights } from '../../src/model/weights/open.js';
import { decompressSnappy } from '../../src/model/weights/snappy.js';
import { readTable } from '../../src/model/weights/table.js';
import { encoderTensors, tinyBert, tinyVocabulary } from '../support/encoderFolder.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import {
  googleTensors,
  table,
  writeCheckpoint,
  type CheckpointTensor,
} from '../support/tensorflowCheckpoint.js';

const folder = temporaryFolders();
/** First and last value and the sum, as numpy had them. */
const MATRIX = [11, 1.625, 77.375];
const { model_type: _, ...googleConfig } = tinyBert;
const bert = parseEncoderConfig(tinyBert, 'config.json');

function googleFolder(tensors: CheckpointTensor[], home = '', shards = 1): string {
  const path = folder();
  mkdirSync(join(path, home), { recursive: true });
  writeFileSync(join(path, 'bert_config.json'), JSON.stringify(googleConfig));
  writeFileSync(join(path, 'vocab.txt'), tinyVocabulary.join('\n'));
  writeCheckpoint(join(path, home, 'bert_model.ckpt'), tensors, shards);
  return path;
}

describe('a TensorFlow checkpoint', () => {
  test.each([
    ["Google's folder", '', '', 1],
    ['a SavedModel', 'module/', 'variables', 1],
    ['a folder with several data files', '', '', 3],
  ])('in %s has Hugging Face names and [out, in] shapes', async (_, module, home, shards) => {
    const { config, weights } = await openWeights(googleFolder(googleTensors(bert, module), home, shards));
    for (const { name, data, shape } of encoderTensors(config)) {
      expect(weights.entries.get(name)!.shape).toEqual(shape);
      expect(await weights.read(name)).toEqual(data);
    }
    const query = 'bert.encoder.layer.0.attention.self.query.weight';
    const rows = await weights.read(query, { start: 1, count: 2 });
    expect(rows).toEqual((await weights.read(query)).slice(4, 12));
    expect(await weights.read('cls.predictions.bias')).toEqual(new Float32Array(7).fill(3));
    expect([...weights.entries.keys()].filter((name) => /adam|relationship/.test(name))).toEqual([]);
    await weights.close();
  });

  test('with a wrong shape is refused by name', async () => {
    const tensors = googleTensors(bert).map((tensor) =>
      tensor.name.endsWith('intermediate/dense/kernel') ? { ...tensor, shape: [6, 4] } : tensor,
    );
    await expect(openWeights(googleFolder(tensors))).rejects.toThrow(
      /bert_model\.ckpt\.index: bert\.encoder\.layer\.0\.intermediate\.dense\.weight has shape \[4,6\]/,
    );
  });

  test('that was cut off is refused by name', async () => {
    const path = googleFolder(googleTensors(bert));
    truncateSync(join(path, 'bert_model.ckpt.data-00000-of-00001'), 100);
    await expect(openWeights(path)).rejects.toThrow(
      /data-00000-of-00001: \S+ ends at byte \d+, but the file has 100: it was cut off/,
    );
  });

  test('with a damaged or foreign index is refused', async () => {
    const path = googleFolder(googleTensors(bert));
    const prefix = join(path, 'bert_model.ckpt');
    const index = readFileSync(`${prefix}.index`);
    const spoil = async (bytes: Buffer) => {
      writeFileSync(`${prefix}.index`, bytes);
      return openTensorflowCheckpoint(prefix);
    };
    const damaged = Buffer.from(index);
    damaged[40]! ^= 1;
    await expect(spoil(damaged)).rejects.toThrow(/\.index is damaged \(the checksum of a block is wrong\)/);
    await expect(spoil(index.subarray(0, 200))).rejects.toThrow(/no index of a TensorFlow checkpoint/);
    const foreign = table([
      ['', Buffer.of(8, 1)],
      ['a', Buffer.of(8, 1, 40, 3)],
    ]);
    await expect(spoil(foreign)).rejects.toThrow(/\.index: the entry of "a" is damaged \(3 bytes/);
    const empty = table([['', Buffer.of()]]);
    await expect(spoil(empty)).rejects.toThrow(/in how many parts/);
  });

  const one = Buffer.of();
  const twice = (index: [string, Buffer][]) => [index[0]!, index[0]!];
  test.each([
    [
      'a name of kilobytes',
      table([
        ['', one],
        ['a'.repeat(600), one],
      ]),
      'a name has more than 512 bytes',
    ],
    [
      'names in no order',
      table([
        ['', one],
        ['b', one],
        ['a', one],
      ]),
      'its names are not in their order',
    ],
    [
      'a name that is there twice',
      table([
        ['', one],
        ['a', one],
        ['a', one],
      ]),
      'its names are not in their order',
    ],
    [
      'a block that is listed twice',
      table(
        [
          ['', one],
          ['a', one],
        ],
        0,
        undefined,
        twice,
      ),
      'a block overlaps the one before it',
    ],
  ])('with %s is refused', async (_, index, why) => {
    // prettier-ignore
    const prefix = join(folder(), 'x');
    writeFileSync(`${prefix}.index`, index);
    await expect(openTensorflowCheckpoint(prefix)).rejects.toThrow(
      `.index is damaged (${why}): fetch it again`,
    );
  });

  test('with an index of gigabytes is refused', async () => {
    const prefix = join(folder(), 'x');
    writeFileSync(`${prefix}.index`, '');
    truncateSync(`${prefix}.index`, 3 * 2 ** 30);
    await expect(openTensorflowCheckpoint(prefix)).rejects.toThrow(
      'x.index is too large to be what it should: it has 3072 MiB, and at most 64 MiB are read.',
    );
  });

  test('without one of its data files is refused by name', async () => {
    const path = folder();
    writeFileSync(join(path, 'x.index'), table([['', Buffer.of(8, 2)]]));
    await expect(openTensorflowCheckpoint(join(path, 'x'))).rejects.toThrow(
      /x\.data-00000-of-00002 cannot be read: it does not exist/,
    );
  });
});

describe('a checkpoint that TensorFlow wrote', () => {
  const files = ['model.index', 'model.data-00000-of-00001'];
  /** A copy of it; `change` edits its data. */
  const copy = (change: (data: Buffer) => void = () => {}) => {
    const path = folder();
    for (const file of files) {
      const bytes = readFileSync(join(fixtureFolder, 'tensorflow-checkpoint', file));
      if (file.includes('data')) change(bytes);
      writeFileSync(join(path, file), bytes);
    }
    return join(path, 'model');
  };

  test('is read as it was written', async () => {
    const weights = await openTensorflowCheckpoint(copy());
    expect([...(await weights.read('bfloat'))]).toEqual([1, -3.140625, 0]);
    expect([...(await weights.read('half'))]).toEqual([1.5, -2]);
    expect([...(await weights.read('scalar'))]).toEqual([7]);
    expect(await weights.read('empty')).toHaveLength(0);
    const matrix = await weights.read('matrix');
    expect([matrix[0], matrix.at(-1), matrix.reduce((sum, value) => sum + value)]).toEqual(MATRIX);
    expect(await weights.read('matrix', { start: 36, count: 1 })).toEqual(matrix.slice(-5));
    await weights.close();
  });

  test('with one bit of its data changed anywhere is refused by name', async () => {
    const size = readFileSync(`${copy()}.data-00000-of-00001`).length;
    for (let at = 0; at < size; at += 13) {
      const weights = await openTensorflowCheckpoint(copy((data) => (data[at]! ^= 1)));
      const errors: string[] = [];
      for (const name of weights.entries.keys())
        await weights.read(name).catch(({ message }: Error) => errors.push(message));
      expect(errors).toEqual([
        expect.stringMatching(/model\.data-00000-of-00001: \w+ is damaged \(its checksum is wrong\)/),
      ]);
      await weights.close();
    }
  });
});

describe('tables', () => {
  /** 61 bytes three times, then 0 to 63; compressed by Google's library. */
  const text = 'la medica trabaja, la enfermera trabaja, la medica descansa; '.repeat(3);
  const plain = Buffer.concat([Buffer.from(text), Buffer.from(Array.from({ length: 64 }, (_, i) => i))]);
  const compressed = Buffer.from(
    '9wF0bGEgbWVkaWNhIHRyYWJhamEsIGxhIGVuZmVybWVyNhYADSkgZGVzY2Fuc2E7ASoNFP49AL49APA/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==',
    'base64',
  );

  test('in snappy blocks are read', () => {
    expect(decompressSnappy(compressed)).toEqual(plain);
    const literal = (block: Buffer) =>
      Buffer.concat([Buffer.of(block.length, (block.length - 1) << 2), block]);
    const bytes = table(
      [
        ['a', Buffer.of(1)],
        ['ab', Buffer.of(2)],
      ],
      1,
      literal,
    );
    expect([...readTable(bytes, 'x')]).toEqual([
      ['a', Buffer.of(1)],
      ['ab', Buffer.of(2)],
    ]);
  });

  test('with a snappy block cut anywhere never give values', () => {
    for (let length = 0; length < compressed.length; length++)
      expect(() => decompressSnappy(compressed.subarray(0, length))).toThrow(RangeError);
  });

  test('are checked with the checksum of the standard', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    // RFC 3720, B.4: 32 bytes of 0, of 255, and counted up.
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 255))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
  });
});
