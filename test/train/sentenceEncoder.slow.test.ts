import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { Interrupted, UsageError } from '../../src/errors.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { openEmbedder } from '../../src/normalize/embedders/open.js';
import type { Knowledge } from '../../src/normalize/knowledge.js';
import { trainedEncoder } from '../../src/run/sentenceEncoder.js';
import { trainSentenceEncoder } from '../../src/train/sentenceEncoder.js';
import { fixtureFolder } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { normalizationSettings } from '../support/normalization.js';
import { hashOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

const weights = join(fixtureFolder, 'tiny-bert');
const names = readFileSync(join(weights, 'vocab.txt'), 'utf8')
  .split('\n')
  .filter((piece) => /^[a-zñ]{3,}$/.test(piece));
/** Concepts whose label and alternative have no letter in common but what training can learn. */
const knowledge: Knowledge = {
  concepts: Array.from({ length: 5 }, (_, i) => ({
    code: String(i),
    labels: [names[2 * i]!],
    alternatives: [names[2 * i + 1]!],
  })),
  mentions: [],
};
const settings = (changes: object = {}) =>
  normalizationSettings({
    embedding: {
      kind: 'pooledEncoder',
      weights,
      contexts: ['{}'],
      training: { epochs: 400, rate: 3e-3, batchSize: 5, folder: join(folder(), 'encoders'), ...changes },
    },
  }).embedding;
const train = async (into: string, changes: object = {}, seed = 1) => {
  const options = { weights, settings: settings(changes).training, contexts: ['{}'], seed };
  return trainSentenceEncoder(
    into,
    knowledge,
    { ...options, checkpoint: join(folder(), 'checkpoint') },
    createContext(),
  );
};

const patient = 300_000; // ms, for a machine that has other things to do
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a sentence encoder in training', () => {
  const together = () =>
    expectNoLeakedTensors(async () => {
      expect(names.length).toBeGreaterThanOrEqual(10);
      const trained = join(folder(), 'encoder');
      const losses = await train(trained);
      expect(losses).toHaveLength(400);
      expect(mean(losses.slice(-50))).toBeLessThan(mean(losses.slice(0, 50)) / 3);
      const embedder = await openEmbedder(
        { kind: 'sentenceTransformers', weights: trained, cache: null },
        createContext(),
      );
      const texts = knowledge.concepts.flatMap(({ labels, alternatives }) => [labels[0]!, alternatives[0]!]);
      const vectors = await embedder.embed(texts);
      const { dimension } = embedder;
      embedder.dispose();
      const cosine = (a: number, b: number) => {
        let sum = 0;
        for (let d = 0; d < dimension; d++) sum += vectors[a * dimension + d]! * vectors[b * dimension + d]!;
        return sum; // the vectors have length 1
      };
      for (let a = 0; a < texts.length; a += 2)
        for (let b = 1; b < texts.length; b += 2)
          if (b !== a + 1) expect(cosine(a, a + 1)).toBeGreaterThan(cosine(a, b));
    });
  test('brings the texts of a concept together', together, patient);

  test('keeps the embeddings, and takes the layers it is told', async () => {
    const trained = join(folder(), 'encoder');
    await train(trained, { epochs: 2, layers: [0, 2] });
    const [before, after] = await Promise.all(
      [weights, trained].map((at) => openSafetensors(join(at, 'model.safetensors'))),
    );
    const words = 'bert.embeddings.word_embeddings.weight';
    const name = [...before!.entries.keys()].find((key) => key.endsWith('word_embeddings.weight'))!;
    expect(await after!.read(words)).toEqual(await before!.read(name));
    expect([...after!.entries.keys()].filter((key) => /layer\.2\./.test(key))).toEqual([]);
    await Promise.all([before!.close(), after!.close()]);
  });

  test('ends at the same weights for the same seed, at others for another', async () => {
    const at = ['a', 'b', 'c'].map((name) => join(folder(), name));
    for (const [i, seed] of [1, 1, 2].entries()) await train(at[i]!, { epochs: 3 }, seed);
    const [a, b, c] = at.map((one) => hashOf(join(one, 'model.safetensors')));
    expect(a).toBe(b);
    expect(c).not.toBe(a);
  });
});

describe('a sentence encoder whose training', () => {
  test('loses its numbers is refused, naming the step, and leaves nothing', async () => {
    const given = settings({ epochs: 3, rate: 1e30 });
    await expect(
      expectNoLeakedTensors(() => trainedEncoder(knowledge, given, 1, createContext())),
    ).rejects.toThrow(
      /lost its numbers \(the loss is \S+ in step 2 of 3, at a rate of \S+\): lower normalization/,
    );
    expect(readdirSync(given.training.folder)).toEqual([]);
  });
});

describe('a trained encoder', () => {
  test('is gone on with where its training was stopped, to the same weights', async () => {
    const epochs = 9; // of one step each
    const whole = await trainedEncoder(knowledge, settings({ epochs }), 1, createContext());
    const given = settings({ epochs });
    const began: number[] = [];
    for (const until of [2, 6]) {
      const abort = new AbortController();
      let last = 0;
      const progress = (_: string, done: number) => {
        if (last === 0 && done > 0) began.push(done);
        last = done;
        if (done >= until) abort.abort();
      };
      const stopped = trainedEncoder(knowledge, given, 1, createContext({ signal: abort.signal, progress }));
      await expect(stopped).rejects.toThrow(Interrupted);
      expect(last).toBe(until);
    }
    expect(began).toEqual([1, 3]);
    const resumed = await trainedEncoder(knowledge, given, 1, createContext());
    expect(hashOf(join(resumed, 'model.safetensors'))).toBe(hashOf(join(whole, 'model.safetensors')));
    expect(readdirSync(given.training.folder)).toHaveLength(1);
  });

  test('is trained once for the same knowledge and settings', async () => {
    const given = settings({ epochs: 1 });
    let trainings = 0;
    const context = createContext({ progress: (_, done) => void (trainings += done === 0 ? 1 : 0) });
    const first = await trainedEncoder(knowledge, given, 1, context);
    expect(trainings).toBe(1);
    expect(await trainedEncoder(knowledge, given, 1, context)).toBe(first);
    expect(trainings).toBe(1);
    const other = { ...knowledge, concepts: knowledge.concepts.slice(1) };
    expect(await trainedEncoder(other, given, 1, context)).not.toBe(first);
    expect(await trainedEncoder(knowledge, given, 2, context)).not.toBe(first);
    expect(readdirSync(given.training.folder)).toHaveLength(3);
  });

  test('is trained anew where the last training was cut off', async () => {
    const given = settings({ epochs: 1 });
    const at = await trainedEncoder(knowledge, given, 1, createContext());
    const { hash, modules } = {
      hash: hashOf(join(at, 'model.safetensors')),
      modules: join(at, 'modules.json'),
    };
    rmSync(modules);
    writeFileSync(join(at, 'model.safetensors'), 'half');
    expect(await trainedEncoder(knowledge, given, 1, createContext())).toBe(at);
    expect(existsSync(modules)).toBe(true);
    expect(hashOf(join(at, 'model.safetensors'))).toBe(hash);
  });

  test('may be trained by two runs at once, which take the same one in the end', async () => {
    const given = settings({ epochs: 1 });
    const [one, other] = await Promise.all([
      trainedEncoder(knowledge, given, 1, createContext()),
      trainedEncoder(knowledge, given, 1, createContext()),
    ]);
    expect(one).toBe(other);
    expect(existsSync(join(one!, 'modules.json'))).toBe(true);
    expect(readdirSync(given.training.folder)).toHaveLength(1);
  });

  test('is not for the Universal Sentence Encoder', async () => {
    const given = { ...settings({ epochs: 1 }), kind: 'universalSentenceEncoder' as const };
    await expect(trainedEncoder(knowledge, given, 1, createContext())).rejects.toThrow(UsageError);
    await expect(trainedEncoder(knowledge, given, 1, createContext())).rejects.toThrow(
      /goes with kind pooledEncoder/,
    );
  });
});
