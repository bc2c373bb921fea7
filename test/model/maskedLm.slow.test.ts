import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logProbabilities, maskedLogits, openMaskedLm, type MaskedLm } from '../../src/model/maskedLm.js';
import { maskedLmIdentity } from '../../src/model/weights/maskedLm.js';
import { tinyEncoders } from '../support/encoder.js';
import { describeEngines } from '../support/engines.js';
import { fixtureFolder } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { maskedFixture, writeGoogleBert, writeTinyModel, type MaskedFixture } from '../support/maskedLm.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose, take } from '../support/tensors.js';

const temporaryFolder = temporaryFolders();

/** Opens the model, computes one tensor of the batch and cleans up. */
async function compute(
  folder: string,
  { ids, ...rest }: MaskedFixture,
  work: (lm: MaskedLm, input: Parameters<typeof maskedLogits>[1]) => tf.Tensor,
): Promise<Float32Array> {
  const lm = await openMaskedLm(folder);
  const rows = tf.tensor1d(ids, 'int32');
  const values = take(work(lm, { ...rest, rows }));
  rows.dispose();
  lm.dispose();
  return values;
}

function logsOf(
  lm: MaskedLm,
  input: Parameters<typeof maskedLogits>[1],
  positions: Int32Array,
  pieces: Int32Array,
): tf.Tensor {
  const onEngine = (values: Int32Array) => tf.tensor1d(values, 'int32');
  return tf.tidy(() => logProbabilities(lm, input, onEngine(positions), onEngine(pieces)));
}

function tests(): void {
  describe.each(tinyEncoders)('%s', (name) => {
    const folder = join(fixtureFolder, name);
    let fixture: MaskedFixture;
    beforeAll(async () => void (fixture = await maskedFixture(name)));

    test('has the logits that transformers has at masked pieces', () =>
      expectNoLeakedTensors(async () => {
        const logits = await compute(folder, fixture, (lm, input) =>
          maskedLogits(lm, input, fixture.positions),
        );
        expectClose(logits, fixture.logits, 1e-5);
      }));

    test("has transformers' masked-LM loss", () =>
      expectNoLeakedTensors(async () => {
        const { positions, labels } = fixture;
        const logs = await compute(folder, fixture, (lm, input) => logsOf(lm, input, positions, labels));
        expectClose([-logs.reduce((sum, log) => sum + log, 0) / logs.length], [fixture.loss], 1e-5);
      }));
  });

  test('gives many positions what it gives a few', () =>
    expectNoLeakedTensors(async () => {
      const folder = join(fixtureFolder, 'tiny-bert');
      const fixture = await maskedFixture('tiny-bert');
      const { positions, labels } = fixture;
      const repeat = (values: Int32Array) =>
        Int32Array.from({ length: 150 }, (_, i) => values[i % values.length]!);
      const few = await compute(folder, fixture, (lm, input) => logsOf(lm, input, positions, labels));
      const many = await compute(folder, fixture, (lm, input) =>
        logsOf(lm, input, repeat(positions), repeat(labels)),
      );
      expectClose(
        many,
        Float32Array.from({ length: 150 }, (_, i) => few[i % few.length]!),
        1e-5,
      );
    }));

  test("is read from Google's checkpoint alike", () =>
    expectNoLeakedTensors(async () => {
      const folder = temporaryFolder();
      await writeGoogleBert(folder);
      const fixture = await maskedFixture('tiny-bert');
      const logits = await compute(folder, fixture, (lm, input) =>
        maskedLogits(lm, input, fixture.positions),
      );
      expectClose(logits, fixture.logits, 1e-5);
    }));

  test('is refused without its head, by the name of file and tensor', () =>
    expectNoLeakedTensors(async () => {
      const folder = temporaryFolder();
      await writeTinyModel(folder, 'tiny-bert', (tensor) =>
        tensor.name.startsWith('cls.') ? undefined : tensor,
      );
      await expect(openMaskedLm(folder)).rejects.toThrow(
        /model\.safetensors: there is no tensor cls\.predictions\.transform\.dense\.weight: .* take bert-base-multilingual-cased/,
      );
    }));

  test("is refused with a vocabulary of another size than its table's", async () => {
    const folder = temporaryFolder();
    await writeTinyModel(folder, 'tiny-bert', (tensor) => tensor);
    appendFileSync(join(folder, 'vocab.txt'), 'otra\n');
    await expect(openMaskedLm(folder)).rejects.toThrow(
      /vocab\.txt has 114 pieces, but vocab_size in .*config\.json is 113/,
    );
  });
}

describeEngines('a masked language model', tests, ['native', 'wasm']);

describe('the identity of weights', () => {
  test('is that of the model, whatever format it is stored in', async () => {
    const folder = temporaryFolder();
    await writeGoogleBert(folder);
    expect(await maskedLmIdentity(folder)).toBe(await maskedLmIdentity(join(fixtureFolder, 'tiny-bert')));
  });

  test('changes with a bias, a matrix and the vocabulary', async () => {
    const [trained, renamed, merged] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await writeTinyModel(merged, 'tiny-bert', (tensor) =>
      tensor.name.endsWith('0.attention.self.query.weight')
        ? { ...tensor, data: tensor.data.map((x) => x * 1.001) }
        : tensor,
    );
    await writeTinyModel(trained, 'tiny-bert', (tensor) =>
      tensor.name === 'cls.predictions.bias' ? { ...tensor, data: tensor.data.map((x) => x + 1e-6) } : tensor,
    );
    await writeTinyModel(renamed, 'tiny-bert', (tensor) => tensor);
    const file = join(renamed, 'vocab.txt');
    writeFileSync(file, readFileSync(file, 'utf8').replace('casa\nhijo', 'hijo\ncasa'));
    const folders = [join(fixtureFolder, 'tiny-bert'), trained, renamed, merged];
    const identities = await Promise.all(folders.map((folder) => maskedLmIdentity(folder)));
    expect(new Set(identities).size).toBe(4);
  });
});
