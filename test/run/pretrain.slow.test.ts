import { beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostAddon } from '../../src/backend/start-native.js';
import type { Config } from '../../src/config/schema.js';
import { inWay } from '../../src/backend/precision.js';
import { createContext } from '../../src/context.js';
import { createCompiler } from '../../src/compile/compile.js';
import { randomFrom } from '../../src/data/random.js';
import { Interrupted } from '../../src/errors.js';
import { pretrainingFormat, pretrainingStateFormat } from '../../src/formats/pretraining.js';
import { readStored } from '../../src/formats/stored.js';
import { openMaskedLm } from '../../src/model/maskedLm.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { planPretraining } from '../../src/run/planPretraining.js';
import { openPretraining } from '../../src/run/openPretraining.js';
import { closePretraining, preparePretraining } from '../../src/run/preparePretraining.js';
import { pretrainEncoder } from '../../src/run/pretrain.js';
import { MEASURING, pretrain, PRETRAINING } from '../../src/train/pretraining.js';
import { describeEngines } from '../support/engines.js';
import { fixtureFolder } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { writeTinyModel } from '../support/maskedLm.js';
import { hashOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();
const tiny = join(fixtureFolder, 'tiny-bert');
const patient = 300_000; // ms, for a machine that has other things to do
const wordsOf = readFileSync(join(tiny, 'vocab.txt'), 'utf8')
  .split('\n')
  .filter((piece) => /^[a-zñ]{3,}$/.test(piece));
const table = 'bert.embeddings.word_embeddings.weight';

/** Texts of pairs of words in an order of their own; the last three words of the vocabulary never come. */
function texts(count = 24): string {
  const place = join(folder(), 'texts');
  mkdirSync(place);
  const words = wordsOf.slice(0, -3);
  for (let i = 0; i < count; i++) {
    const random = randomFrom(i);
    const pairs = Array.from({ length: 10 }, () => 2 * Math.floor((random.next() * words.length) / 2));
    const text = pairs.flatMap((at) => words.slice(at, at + 2));
    writeFileSync(join(place, `${i}.txt`), text.join(' '));
  }
  return place;
}

const configOf = (pretraining: object = {}, others: Record<string, object> = {}): Config =>
  tinyConfig({
    ...others,
    data: { corpus: '.', windowPieces: 16, windowStride: 14, ...others.data },
    encoder: { weights: tiny, dropout: 0.1, ...others.encoder },
    training: { batchSize: 4, logSteps: 5, checkpointSteps: 7, ...others.training },
    pretraining: { rate: 3e-3, epochs: 4, heldOutShare: 0.2, ...pretraining },
  });

const files = ['model.safetensors', 'config.json', 'pretraining.json', 'vocab.txt'];
const hashesOf = (place: string) => files.map((file) => hashOf(join(place, file)));

describeEngines(
  'a pretraining',
  (engine) => {
    const backend = { engine };
    let read: string;
    beforeEach(() => void (read = texts()));

    test(
      'lowers the loss of texts that it has not seen, and leaves an encoder with its head',
      async () => {
        const out = join(folder(), 'out');
        const config = configOf({ texts: read, epochs: 20 }, { backend });
        const report = await expectNoLeakedTensors(() => pretrainEncoder(config, out, createContext()));
        expect(report.after!.loss).toBeLessThan(report.before!.loss - 0.5);
        expect(report.after!.perplexity).toBeCloseTo(Math.exp(report.after!.loss), 5);
        const { folder: _, ...kept } = report;
        expect(await readStored(join(out, 'pretraining.json'), pretrainingFormat)).toEqual(kept);
        expect(existsSync(`${out}.part`)).toBe(false);
        const lm = await openMaskedLm(out);
        expect(lm.config.layers).toBe(3);
        lm.dispose();
        const again = await planPretraining(configOf({ texts: read }, { encoder: { weights: out } }));
        expect(again.layers).toBe(3);
      },
      patient,
    );

    test(
      'that is stopped and gone on with ends as one that was not, to the bit',
      async () => {
        const [whole, out] = [join(folder(), 'whole'), join(folder(), 'out')];
        const config = configOf({ texts: read }, { backend });
        await pretrainEncoder(config, whole, createContext());
        const phases: [string, number][] = [
          [MEASURING, 1],
          [PRETRAINING, 3],
          [PRETRAINING, 9],
        ];
        for (const [phase, at] of phases) {
          const abort = new AbortController();
          const progress = (name: string, done: number) => {
            if (name === phase && done === at) abort.abort();
          };
          const context = createContext({ signal: abort.signal, progress });
          await expect(pretrainEncoder(config, out, context)).rejects.toThrow(Interrupted);
        }
        const state = await readStored(join(`${out}.part`, 'state.json'), pretrainingStateFormat);
        expect(state.steps).toBe(9);
        await expect(
          pretrainEncoder(configOf({ texts: read, rate: 1e-3 }, { backend }), out, createContext()),
        ).rejects.toThrow(`${out}.part is of a pretraining with other options, texts or weights`);
        await pretrainEncoder(config, out, createContext());
        expect(hashesOf(out)).toEqual(hashesOf(whole));
      },
      patient,
    );

    test(
      'trains the lower layers with all for a teacher: what they put out comes nearer to it',
      async () => {
        const out = join(folder(), 'out');
        const encoder = { layers: [0, 1] };
        const config = configOf({ texts: read, epochs: 15, teacher: 10 }, { backend, encoder });
        const { log, after, before } = await expectNoLeakedTensors(() =>
          pretrainEncoder(config, out, createContext()),
        );
        const [first, last] = [log.at(0)!, log.at(-1)!];
        expect(last.distance).toBeLessThan(first.distance / 2);
        expect(after!.loss).toBeLessThan(before!.loss);
        expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'))).toMatchObject({
          num_hidden_layers: 2,
        });
      },
      patient,
    );
  },
  ['native'],
);

describe('a pretraining', () => {
  test('changes no word that its texts lack, and nothing that is frozen', async () => {
    const out = join(folder(), 'out');
    const config = configOf({ texts: texts(), epochs: 1, frozen: [1] });
    await pretrainEncoder(config, out, createContext());
    const [before, after] = await Promise.all(
      [tiny, out].map((place) => openSafetensors(join(place, 'model.safetensors'))),
    );
    const valuesOf = async (name: string) => [await before!.read(name), await after!.read(name)] as const;
    const [was, is] = await valuesOf(table);
    const pieces = readFileSync(join(tiny, 'vocab.txt'), 'utf8').trimEnd().split('\n');
    const width = was.length / pieces.length;
    const row = (values: Float32Array, word: string) =>
      values.subarray(pieces.indexOf(word) * width, (pieces.indexOf(word) + 1) * width);
    for (const word of wordsOf.slice(-3)) expect(row(is, word)).toEqual(row(was, word));
    expect(row(is, wordsOf[0]!)).not.toEqual(row(was, wordsOf[0]!));
    for (const [layer, changes] of [
      [0, true],
      [1, false],
      [2, true],
    ] as const) {
      // prettier-ignore
      const [first, second] = await valuesOf(`bert.encoder.layer.${layer}.output.dense.weight`);
      expect([layer, String(first) !== String(second)]).toEqual([layer, changes]);
    }
    await Promise.all([before!.close(), after!.close()]);
  });

  test('is planned without an engine', async () => {
    const plan = await planPretraining(
      configOf({ texts: texts(), teacher: 1 }, { encoder: { layers: [0, 1] } }),
    );
    // 24 texts of 20 pieces are two windows of 14 each; a fifth of them is held out.
    expect(plan).toMatchObject({
      texts: { training: 19, heldOut: 5 },
      windows: { training: 38, heldOut: 10 },
      layers: 2,
      teacher: 3,
      steps: 4 * 10,
      warmupSteps: 2,
      batchSize: 4,
    });
    expect(plan.pieces.inUse).toBe(wordsOf.length - 3 + 5);
  });

  test.each<[string, () => Config, string | RegExp]>([
    [
      'no weights',
      () => configOf({}, { encoder: { weights: null } as never }),
      'name their folder in encoder.weights',
    ],
    ['an empty folder', () => configOf({ texts: folder() }), /has no \.txt files/],
    ['a frozen layer that is not taken', () => configOf({ texts: texts(), frozen: [2] }, { encoder: { layers: [0, 1] } }), 'pretraining.frozen has layer 2, and encoder.layers takes 2, counted from 0'], // prettier-ignore
  ])('refuses %s', async (_, config, sentence) => {
    await expect(planPretraining(config())).rejects.toThrow(sentence);
  });

  test('refuses texts without a word, bytes that are no text, weights without a head, a folder that is there', async () => {
    const [blank, bytes, headless] = [folder(), folder(), folder()];
    writeFileSync(join(blank, 'a.txt'), ' \n');
    await expect(planPretraining(configOf({ texts: blank }))).rejects.toThrow(
      `${blank} has no text to learn from`,
    );
    writeFileSync(join(bytes, 'a.txt'), Buffer.from([0xc3, 0x28]));
    await expect(planPretraining(configOf({ texts: bytes }))).rejects.toThrow(/a\.txt/);
    await writeTinyModel(headless, 'tiny-bert', (tensor) => (tensor.name.startsWith('cls.') ? undefined : tensor)); // prettier-ignore
    await expect(
      planPretraining(configOf({ texts: texts(1) }, { encoder: { weights: headless } as never })),
    ).rejects.toThrow(/without their masked-LM head/);
  });

  test('that loses its numbers says in which step, and leaves nothing', async () => {
    const out = join(folder(), 'out');
    await expect(
      expectNoLeakedTensors(() =>
        pretrainEncoder(configOf({ texts: texts(), rate: 1e30, warmupShare: 0 }), out, createContext()),
      ),
    ).rejects.toThrow(/lost its numbers \(the loss is \S+ in step \d+ of 40, .*lower pretraining\.rate/);
    expect(existsSync(out)).toBe(false);
  });
});

describeEngines(
  'a compiled pretraining',
  () => {
    test('learns what one learns op by op, with a teacher', async () => {
      const config = configOf({ texts: texts(), teacher: 1, epochs: 3 }, { encoder: { layers: [0, 1] } });
      const losses = async (compile: boolean) => {
        const prepared = await preparePretraining(config);
        const { training, dispose } = await inWay({ ...config.backend, compile: false }, () =>
          openPretraining(config, prepared, createContext()),
        );
        const compiler = compile ? createCompiler(hostAddon(), { checked: true }) : undefined;
        const all: number[] = [];
        for await (const { loss, distance } of pretrain({ ...training, compiler }, 0))
          all.push(loss, distance);
        compiler?.dispose();
        dispose();
        await closePretraining(prepared);
        return all;
      };
      const eager = await losses(false);
      expect(eager).toHaveLength(60);
      expectClose(await losses(true), eager, 1e-4);
    });
  },
  ['native'],
);
