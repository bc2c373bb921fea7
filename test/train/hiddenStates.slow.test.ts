import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { spawnSync } from 'node:child_process';
import { temporaryFor } from '../../src/files/temporary.js';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { makeBatch } from '../../src/data/batches.js';
import { randomFrom } from '../../src/data/random.js';
import { encode } from '../../src/model/encoders/encode.js';
import { createParameters, disposeParameters, readParameters } from '../../src/model/parameters.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { prepareData } from '../../src/run/prepare.js';
import { createContext } from '../../src/context.js';
import { Interrupted } from '../../src/errors.js';
import { runToEnd } from '../support/runToEnd.js';
import { cacheHiddenStates, type HiddenInput } from '../../src/train/hiddenStates.js';
import { leaveLock } from '../support/deadLock.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { hashOf, metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do
const pretrained = join(import.meta.dirname, '../fixtures/tiny-distilbert');

describeEngines(
  'the outputs of a frozen encoder, from the file',
  () => {
    let root: string;
    let input: HiddenInput;
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
      const { config } = await tinyRun(root, {}, 6);
      const { model, held, training, windows, tokenizer } = await prepareData(config);
      const parameters = await createParameters(model, held, () => undefined, randomFrom(1));
      input = {
        parameters,
        examples: training,
        windows,
        tokenizer,
        batchSize: 4,
        weightsKey: 'these',
        precision: 'float32',
      };
    }, patient);
    afterAll(() => {
      disposeParameters(input.parameters);
      rmSync(root, { recursive: true });
    });

    /** Opens the cache in a folder; tells whether it had to be computed. */
    const open = async (where: string, changed: Partial<HiddenInput> = {}) => {
      let computed = false;
      const reached = async () => void (computed = true);
      const states = await cacheHiddenStates(where, { ...input, ...changed }, reached, createContext());
      return { states, computed };
    };
    const fileIn = (where: string) => {
      const files = readdirSync(where);
      expect(files).toHaveLength(1);
      return join(where, files[0]!);
    };

    test('are what the encoder computes, with zeros in the padding', async () => {
      const { parameters, examples, windows, tokenizer } = input;
      const { states } = await open(folder());
      const { encoder } = parameters.model;
      const some = [windows.at(-1)!, windows[0]!, windows[5]!];
      const batch = makeBatch(some, examples, tokenizer, { padTo: 80 });
      await expectNoLeakedTensors(async () => {
        const cached = states.read(batch);
        const rows = tf.tensor1d(batch.ids, 'int32'); // random weights: every row is held
        const computed = tf.tidy(() => encode(encoder, readParameters(parameters).weights, { ...batch, rows }).output); // prettier-ignore
        const [from, expected] = [cached.dataSync(), computed.dataSync()];
        for (let i = 0; i < from.length; i++) {
          const position = Math.floor(i / encoder.hidden) % batch.seq;
          const row = Math.floor(i / encoder.hidden / batch.seq);
          if (position >= batch.lengths[row]!) expect(from[i]).toBe(0);
          else expect(Math.abs(from[i]! - expected[i]!)).toBeLessThan(1e-5);
        }
        tf.dispose([cached, rows, computed]);
      });
      await states.close();
    });

    test('are rounded to float16 where it is asked for, in half the room', async () => {
      const places = [folder(), folder()];
      const [whole, half] = await Promise.all([open(places[0]!), open(places[1]!, { precision: 'float16' })]);
      const [size, halfSize] = places.map((where) => statSync(fileIn(where)).size);
      expect(halfSize).toBe(size! / 2);
      const batch = makeBatch(input.windows.slice(0, 3), input.examples, input.tokenizer);
      await expectNoLeakedTensors(() => {
        const [exact, rounded] = [whole, half].map(({ states }) => {
          const tensor = states.read(batch);
          const values = tensor.dataSync() as Float32Array;
          tensor.dispose();
          return values;
        });
        expect(rounded).not.toEqual(exact);
        const steps = rounded!.map((x, i) => Math.abs(x - exact![i]!) / 2 ** Math.floor(Math.log2(Math.abs(x) || 1))); // prettier-ignore
        expect(Math.max(...steps)).toBeLessThanOrEqual(2 ** -11); // half of the last digit
        return Promise.resolve();
      });
      await Promise.all([whole.states.close(), half.states.close()]);
    });

    test('are computed once', async () => {
      const where = folder();
      const first = await open(where);
      leaveLock(`${fileIn(where)}.lock`); // of one that was killed when it had computed all
      const second = await open(where);
      fileIn(where); // and nothing else
      await Promise.all([first.states.close(), second.states.close()]);
      expect([first.computed, second.computed]).toEqual([true, false]);
    });

    test('are computed by one of two runs that share the folder and begin together', async () => {
      const where = folder();
      const both = await Promise.all([open(where), open(where)]);
      expect(both.map(({ computed }) => computed).sort()).toEqual([false, true]);
      await Promise.all(both.map(({ states }) => states.close()));
      fileIn(where); // and nothing else
    });

    test('are computed again where the file was cut short, or only begun', async () => {
      const where = folder();
      await (await open(where)).states.close();
      const file = fileIn(where);
      const hash = hashOf(file);
      truncateSync(file, 1000);
      const { pid } = spawnSync(process.execPath, ['-e', '']);
      writeFileSync(temporaryFor(file).replace(`.${process.pid}-`, `.${pid}-`), 'the beginning');
      const { states, computed } = await open(where);
      await states.close();
      expect(computed).toBe(true);
      expect(hashOf(fileIn(where))).toBe(hash);
    });

    test('are gone on from where a run was stopped, to the same file', async () => {
      const [where, whole] = [folder(), folder()];
      await (await open(whole)).states.close();
      const stop = new Interrupted('stopped');
      const stopped = async (done: number) => {
        if (done >= 8) throw stop;
      };
      await expect(cacheHiddenStates(where, input, stopped, createContext())).rejects.toBe(stop);
      const done: number[] = [];
      const reached = async (count: number) => void done.push(count);
      await (await cacheHiddenStates(where, input, reached, createContext())).close();
      expect(done[0]).toBe(12); // batches of four
      expect(hashOf(fileIn(where))).toBe(hashOf(fileIn(whole)));
    });

    test('are not those of other weights, windows or texts', async () => {
      const where = folder();
      await (await open(where)).states.close();
      const [first, ...rest] = input.examples;
      const ids = first!.encoded.ids.map(() => input.tokenizer.sep);
      const others: Partial<HiddenInput>[] = [
        { weightsKey: 'others' },
        { windows: input.windows.slice(1) },
        { examples: [{ ...first!, encoded: { ...first!.encoded, ids } }, ...rest] },
      ];
      for (const changed of others) {
        const { states, computed } = await open(where, changed);
        await states.close();
        expect(computed).toBe(true);
      }
    });

    test('end with an error where the file is cut short in use', async () => {
      const where = folder();
      const { states } = await open(where);
      truncateSync(fileIn(where), 1000);
      const batch = makeBatch(input.windows.slice(-1), input.examples, input.tokenizer);
      expect(() => states.read(batch)).toThrow(/cut short/);
      await states.close();
    });
  },
  ['native', 'wasm'],
);

describeEngines(
  'a training with a frozen encoder',
  (engine) => {
    let root: string;
    let config: Config;
    let cached: string;
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
      const epochs = { count: 2, frozen: 'encoder' };
      const encoder = { weights: pretrained };
      ({ config, out: cached } = await tinyRun(
        root,
        { backend: { engine }, encoder, training: { epochs } },
        8,
      ));
      await runToEnd(config, { folder: cached, resume: false });
    }, patient);
    afterAll(() => rmSync(root, { recursive: true }));

    test(
      'has the same losses and predictions without the file, dropout above the encoder included',
      async () => {
        expect(config.model.dropout).toBeGreaterThan(0);
        const training = { ...config.training, cacheFrozen: false };
        const out = join(folder(), 'run');
        await runToEnd({ ...config, training }, { folder: out, resume: false });
        expect(readdirSync(cached)).toContain('cache');
        expect(readdirSync(out)).not.toContain('cache');
        const losses = (run: string) => metricsOf(run).flatMap(({ loss }) => (loss as number) ?? []);
        expect(losses(out).length).toBeGreaterThan(2);
        expect(losses(out)).toEqual(losses(cached).map((loss) => expect.closeTo(loss, 5)));
        const scores = (run: string) => metricsOf(run).filter(({ kind }) => kind === 'epoch');
        expect(scores(cached)).toHaveLength(2);
        expect(scores(out).map(({ validation }) => validation)).toEqual(scores(cached).map(({ validation }) => validation)); // prettier-ignore
      },
      patient,
    );

    test('leaves the encoder as it was and trains the rest', async () => {
      const before = await openSafetensors(join(pretrained, 'model.safetensors'));
      const after = await openSafetensors(join(cached, 'checkpoints/last/model.safetensors'));
      const encoder = [...after.entries.keys()].filter((name) => name.startsWith('distilbert.'));
      expect(encoder.length).toBeGreaterThan(40);
      for (const name of encoder) expect(await after.read(name)).toEqual(await before.read(name));
      const bias = await after.read('heads.ner.bias');
      expect(new Set(bias).size).toBe(bias.length); // all began as the same number
      await Promise.all([before.close(), after.close()]);
    });
  },
  ['native'],
);
