import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openModel, predict, readCorpus } from '../../src/index.js';
import type { Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { packRun, type PackOptions } from '../../src/pack/pack.js';
import { pushModel } from '../../src/fetch/push.js';
import { hubRepository, type HubRepository } from '../support/hubRepository.js';
import { runToEnd } from '../support/runToEnd.js';
import { testServers } from '../support/testServer.js';
import { tinyRun } from '../support/tinyRun.js';

const pretrained = join(import.meta.dirname, '../fixtures/tiny-distilbert');
const serve = testServers();
const WORDS = 'embeddings.word_embeddings.weight';
const patient = 300_000; // ms, for a machine that has other things to do
const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
const run = join(root, 'run');
let config: Config;
let packs = 0;

beforeAll(async () => {
  ({ config } = await tinyRun(
    root,
    {
      encoder: { weights: pretrained },
      backend: { engine: 'wasm' },
      training: { epochs: { count: 1, rate: 1e-3 } },
    },
    8,
  ));
  await runToEnd(config, { folder: run, resume: false });
}, patient);
afterAll(() => rmSync(root, { recursive: true }));

async function packed(changes: Partial<PackOptions> = {}, of = run) {
  const out = join(root, `pack-${packs++}`);
  const options: PackOptions = {
    out,
    license: 'cc-by-4.0',
    languages: ['es'],
    name: 'tiny',
    corpus: 'The Demo Corpus',
    checkpoint: 'best',
    type: 'F32',
    restoreWords: false,
    mentions: false,
    tuned: false,
    set: [],
    ...changes,
  };
  return packRun(of, options, createContext());
}
const metadataOf = (folder: string) => {
  const [, yaml] = readFileSync(join(folder, 'README.md'), 'utf8').split('---\n');
  return parse(yaml!);
};
async function tensor(folder: string, wanted = (name: string) => name.endsWith(WORDS)) {
  const weights = await openSafetensors(join(folder, 'model.safetensors'));
  const name = [...weights.entries.keys()].find(wanted)!;
  const values = await weights.read(name);
  const { dtype, shape } = weights.entries.get(name)!;
  await weights.close();
  return { values, dtype, shape };
}
async function spansOf(folder: string, set: string[] = []) {
  const model = await openModel(folder, { engine: 'wasm', set });
  try {
    const found = [];
    const { documents } = await readCorpus(config.data.corpus, config.tasks);
    for await (const { name, spans } of predict(model, documents.slice(0, 3))) found.push({ name, spans });
    return found;
  } finally {
    model.close();
  }
}

describe('a packed model', () => {
  test('finds what the run finds, with the thresholds that it was packed with', async () => {
    const low = 'decoding.threshold=0.02'; // so few steps have taught it little
    const { out } = await packed({ set: [low] });
    const found = await spansOf(out);
    expect(found.some(({ spans }) => Object.values(spans).some((list) => list.length > 0))).toBe(true);
    expect(found).toEqual(await spansOf(run, [low]));
    expect(found).not.toEqual(await spansOf(run));
    const measuredBefore = (folder: string) =>
      readFileSync(join(folder, 'README.md'), 'utf8').includes('measured before the thresholds');
    expect([out, (await packed()).out].map(measuredBefore)).toEqual([true, false]);
  });

  test('finds the same when it comes from a hub that it was pushed to', async () => {
    const low = 'decoding.threshold=0.02';
    const { out } = await packed({ set: [low], mentions: true });
    const hub: HubRepository = { token: 'hf_ours', repositories: new Map(), objects: new Map() };
    const { url } = await hubRepository(serve, hub);
    const environment = { HF_ENDPOINT: url, HF_TOKEN: hub.token };
    const expected = await spansOf(out);
    await pushModel(out, 'org/tiny', { environment });
    const [here, before] = [process.cwd(), { ...process.env }];
    process.chdir(root); // where models/tiny is made
    Object.assign(process.env, environment);
    try {
      expect(await spansOf('hub:org/tiny')).toEqual(expected);
      expect(readdirSync('models/tiny/normalizer')).toEqual(readdirSync(join(out, 'normalizer')));
    } finally {
      process.chdir(here);
      process.env = before;
    }
  });

  test.each([
    ['BF16', 2 ** -8],
    ['F16', 2 ** -11],
  ] as const)('has its weights in %s, half as large and as near as that is', async (type, step) => {
    const [whole, half] = [await packed(), await packed({ type })];
    const size = 'model.safetensors';
    expect(half.files[size]! / whole.files[size]!).toBeLessThan(0.6);
    const any = (name: string) => name.includes('ffn') && name.endsWith('weight');
    const [a, b] = [await tensor(whole.out, any), await tensor(half.out, any)];
    expect([a.dtype, b.dtype]).toEqual(['F32', type]);
    for (const [i, value] of a.values.entries())
      expect(Math.abs(b.values[i]! - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * step, 2 ** -24));
  });

  test('tells how many rows of the word table show what the texts use, and puts them back', async () => {
    const kept = await packed();
    const base = await tensor(pretrained, (name) => name.endsWith(WORDS));
    const trained = await tensor(kept.out);
    const [rows, width] = base.shape as [number, number];
    const row = (values: Float32Array, i: number) => values.subarray(i * width, (i + 1) * width).join();
    const changed = Array.from({ length: rows }, (_, i) => i).filter((i) => row(base.values, i) !== row(trained.values, i)); // prettier-ignore
    expect(changed.length).toBeGreaterThan(10);
    expect(kept.words).toEqual({ changed: changed.length, rows, restored: false });
    const restored = await packed({ restoreWords: true });
    expect((await tensor(restored.out)).values).toEqual(base.values);
    expect(restored.words).toEqual({ ...kept.words, restored: true });
  });

  test('has no mention of the training documents, no document and no path', async () => {
    const { out, files } = await packed();
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['README.md', 'config.json', 'meddoprof.json', 'model.safetensors']),
    );
    const { documents } = await readCorpus(config.data.corpus, config.tasks);
    const mentions = documents.flatMap(({ spans, name }) => [name, ...Object.values(spans).flat().map(({ start, end }) => [...documents.find((one) => one.name === name)!.text].slice(start, end).join(''))]); // prettier-ignore
    expect(mentions.length).toBeGreaterThan(20);
    for (const file of Object.keys(files).filter((name) => name !== 'vocab.txt')) {
      const text = readFileSync(join(out, file), 'latin1');
      for (const one of [...new Set(mentions), root, pretrained])
        expect([file, one, text.includes(Buffer.from(one).toString('latin1'))]).toEqual([file, one, false]);
    }
  });

  test('takes what finds codes along where that is asked for, and its card says so', async () => {
    const without = await packed();
    expect([without.codes, existsSync(join(without.out, 'normalizer'))]).toEqual([false, false]);
    const { out, codes } = await packed({ mentions: true });
    expect(codes).toBe(true);
    expect(readdirSync(join(out, 'normalizer'))).toEqual(readdirSync(join(run, 'normalizer')));
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('word for word');
    expect(metadataOf(out)['model-index'][0].results).toHaveLength(3);
    expect(metadataOf(without.out)['model-index'][0].results).toHaveLength(2);
  });

  test('takes a gate along', async () => {
    const gate = join(run, 'checkpoints', 'best', 'gate.json');
    writeFileSync(gate, '{}');
    const { out } = await packed();
    rmSync(gate);
    expect(readFileSync(join(out, 'gate.json'), 'utf8')).toBe('{}');
    expect(existsSync(join((await packed()).out, 'gate.json'))).toBe(false);
  });
});

describe('the card of a packed model', () => {
  test("has the hub's metadata, with the run's scores", async () => {
    const { out } = await packed();
    const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8'));
    const { 'model-index': index, ...others } = metadataOf(out);
    expect(others).toMatchObject({
      language: ['es'],
      license: 'cc-by-4.0',
      pipeline_tag: 'token-classification',
    });
    expect(index[0].name).toBe('tiny');
    for (const { task, dataset, metrics } of index[0].results) {
      expect(dataset).toMatchObject({ name: 'The Demo Corpus', type: 'the-demo-corpus' });
      for (const { type, value } of metrics) expect(value).toBeCloseTo(evaluation[task.name][type], 4);
    }
  });

  test(
    'of a run that holds no document out has no scores, and says why',
    async () => {
      const whole = join(root, 'whole');
      const data = { split: null, validationShare: 0 };
      const { config: random } = await tinyRun(
        join(root, 'random'),
        { backend: { engine: 'wasm' }, data },
        6,
      );
      await runToEnd(random, { folder: whole, resume: false });
      const { out, tracks } = await packed({}, whole);
      expect(tracks).toBeNull();
      expect(metadataOf(out)).not.toHaveProperty('model-index');
      const card = readFileSync(join(out, 'README.md'), 'utf8');
      expect(card).toContain('No document was held out');
      expect(card).toContain('The vocabulary was made of the training texts');
    },
    patient,
  );
});

describe('nothing is packed', () => {
  const refusal = (changes: Partial<PackOptions>, of = run) =>
    packed(changes, of).then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  test('of a run without a best checkpoint', async () => {
    const copy = join(root, 'copy');
    cpSync(run, copy, { recursive: true });
    rmSync(join(copy, 'checkpoints/best'), { recursive: true });
    expect(await refusal({}, copy)).toMatch(/^InputError: there is no checkpoint in .*best: train one/);
  });

  test('with tuned thresholds where none were tuned', async () => {
    expect(await refusal({ tuned: true })).toMatch(
      /^InputError: .*run has no tuned thresholds .*meddoprof tune/,
    );
  });

  test('into a folder that holds something', async () => {
    expect(await refusal({ out: run })).toMatch(/^UsageError: .*run is not empty: choose another --out/);
  });

  test('with words put back where the encoder is gone, and nothing is left', async () => {
    const before = readdirSync(root);
    expect(await refusal({ restoreWords: true, set: ['encoder.weights=nowhere'] })).toMatch(
      /^InputError: nowhere/,
    );
    expect(readdirSync(root)).toEqual(before);
  });
});
