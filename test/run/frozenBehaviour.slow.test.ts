import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import { formatConfig } from '../../src/config/format.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import type { Text } from '../../src/predict/predictor.js';
import { runToEnd } from '../support/runToEnd.js';
import { fixtureFolder, fixtureJson } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { hashOf, metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { withoutScores } from '../support/words.js';

const fixture = join(fixtureFolder, 'frozen-run');
const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do

/** What an earlier build made of its own run: see scripts/fixtures/make_frozen_run.mjs. */
interface Frozen {
  predictions: FrozenPrediction[];
  resumed: {
    metrics: unknown[];
    evaluation: Record<string /*task*/, unknown>;
    predictions: FrozenPrediction[];
    hashes: Record<string /*file of a checkpoint*/, string>;
  };
}

interface FrozenPrediction extends Text {
  spans: unknown;
  /** Per head, float32s in base64. */
  probabilities: string[];
}

beforeAll(async () => {
  await startEngine({ engine: 'cpu', device: 'auto' });
});

describe.each(['distilbert', 'bert'])('a run of an earlier build that was interrupted (%s)', (name) => {
  const frozen = fixtureJson(`frozen-run/${name}/frozen.json`) as Frozen;
  let root: string;
  let run: string;
  beforeEach(() => {
    root = folder();
    cpSync(fixture, root, { recursive: true });
    run = join(root, name, 'run');
  });

  test('finds the same, to the bit', async () => {
    const found = await expectNoLeakedTensors(() =>
      predict(join(run, 'checkpoints/last'), frozen.predictions),
    );
    expect(found).toEqual(frozen.predictions.map(readable));
    expect(found.some(({ spans }) => Object.values(spans).flat().length > 0)).toBe(true);
  });

  test(
    'is resumed to the same losses, scores, weights and moments, to the bit',
    async () => {
      const config = await moveRun(run, root);
      await runToEnd(config, { folder: run, resume: true });
      const { metrics, evaluation, predictions, hashes } = frozen.resumed;
      const last = join(run, 'checkpoints/last');
      expect(metricsOf(run)).toEqual(metrics);
      expect(scoresOf(run)).toEqual(evaluation);
      expect(await predict(last, predictions)).toEqual(predictions.map(readable));
      for (const [file, hash] of Object.entries(hashes))
        expect([file, hashOf(join(last, file))]).toEqual([file, hash]);
    },
    patient,
  );
});

/** Lets a run's config name its files by where they are now. Returns it. */
async function moveRun(run: string, root: string): Promise<Config> {
  const file = join(run, 'config.yaml');
  const { config } = await loadConfig(file);
  const { data, encoder } = config;
  const moved: Config = {
    ...config,
    data: { ...data, corpus: join(root, data.corpus), split: join(root, data.split!) },
    encoder: { ...encoder, weights: encoder.weights && join(fixture, encoder.weights) },
  };
  writeFileSync(file, formatConfig(moved));
  return moved;
}

async function predict(checkpoint: string, texts: Text[]) {
  const predictor = await openPredictor(checkpoint, {}, createContext());
  try {
    const predictions = [];
    for await (const { name, text, spans, scores } of predictTexts(predictor, texts)) {
      const probabilities = scores.map((values) => [...values]);
      predictions.push({ name, text, spans: withoutScores(spans), probabilities });
    }
    return predictions;
  } finally {
    predictor.dispose();
  }
}

function readable({ probabilities, ...prediction }: FrozenPrediction) {
  const values = (base64: string) => [
    ...new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer),
  ];
  return { ...prediction, probabilities: probabilities.map(values) };
}

function scoresOf(run: string): Frozen['resumed']['evaluation'] {
  const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as Record<
    string,
    { perLabel: unknown }
  >;
  return Object.fromEntries(Object.entries(evaluation).map(([task, { perLabel }]) => [task, perLabel]));
}
