import { beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import type { EngineName } from '../../src/backend/started.js';
import { take } from '../../src/backend/take.js';
import { makeBatch } from '../../src/data/batches.js';
import { prepareExamples, type Example, trainingWindows } from '../../src/data/examples.js';
import { randomFrom } from '../../src/data/random.js';
import type { Tokenizer } from '../../src/data/tokenizers/tokenizer.js';
import { selectLayers } from '../../src/model/encoders/select.js';
import { assemble, type Model } from '../../src/model/model.js';
import { createParameters, disposeParameters, heldRows } from '../../src/model/parameters.js';
import { openWeights } from '../../src/model/weights/open.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { settingsOf } from '../../src/run/session.js';
import { saveCheckpoint } from '../../src/train/checkpoint.js';
import { trainStep } from '../../src/train/step.js';
import { START } from '../../src/train/events.js';
import { availableEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';
import { tinyConfig } from '../support/tinyRun.js';

const FOLDER = 'models/bert-base-multilingual-cased';
const folder = join(import.meta.dirname, '../..', FOLDER);
const MINUTES = 60_000;
const temporaryFolder = temporaryFolders();

const config = tinyConfig({ data: { corpus: 'none' }, model: { lstmUnits: 16 } });
const layers = [0, 1, 2, 3, 4, 5];
const texts = [
  { text: 'Paciente albañil, jubilado a los 60 años.', mention: 'albañil' },
  { text: 'Su madre es enfermera en este hospital.', mention: 'enfermera' },
];

function examplesOf(tokenizer: Tokenizer, { head }: Model): Promise<Example[]> {
  const documents = texts.map(({ text, mention }, i) => {
    const start = text.indexOf(mention);
    const span = { label: 'PROFESION', start, end: start + mention.length };
    const spans = { ner: [span], class: [{ ...span, label: 'PACIENTE' }] };
    return { name: `text ${i}`, text, spans, codes: [] };
  });
  return prepareExamples(documents, tokenizer, head);
}

/** One step of fine-tuning the lower six layers, with dropout. `save`: where its checkpoint goes. */
async function step(engine: EngineName, save?: string) {
  await startEngine({ engine, device: 'auto' });
  const opened = await openWeights(folder);
  const { config: encoder, weights } = selectLayers(opened, layers);
  const { tokenizer } = opened;
  const model = assemble(encoder, config.tasks, config.model);
  const examples = await examplesOf(tokenizer, model);
  const { cls, sep, pad } = tokenizer;
  const held = heldRows(
    [cls, sep, pad, ...examples.flatMap(({ encoded }) => [...encoded.ids])],
    encoder.vocabularySize,
  );
  const source = (name: string) => (weights.entries.has(name) ? weights.read(name) : undefined);
  const parameters = await createParameters(model, held, source, randomFrom(1));
  const batch = makeBatch(trainingWindows(examples, config.data, model.head), examples, tokenizer, {
    labeller: model.head,
  });
  const { loss, gradientNorm, counts } = trainStep(parameters, batch, {
    trainable: { embeddings: true, layers: layers.map(() => true) },
    dropout: { dropout: 0.1, attentionDropout: 0.1, trunk: 0.1 },
    optimizer: config.training,
    rate: 1e-4,
    seed: 7,
  });
  tf.dispose(counts);
  const [ofLoss, ofNorm] = [await take(loss), await take(gradientNorm)];
  const changed: Float32Array[] = [];
  for (const name of [
    'bert.encoder.layer.0.attention.self.query.weight',
    'bert.embeddings.word_embeddings.weight',
  ])
    changed.push(await take(parameters.slots.get(name)!.weight.read()));
  if (save)
    await saveCheckpoint(save, parameters, START, {
      settings: settingsOf(config),
      tokenizer,
      base: weights,
    });
  disposeParameters(parameters);
  await opened.weights.close();
  return { loss: ofLoss[0]!, norm: ofNorm[0]!, changed };
}

/** Probabilities of every text and output. */
async function predict(engine: EngineName, checkpoint: string): Promise<Float32Array[]> {
  await startEngine({ engine, device: 'auto' });
  const predictor = await openPredictor(checkpoint, {}, createContext());
  const found: Float32Array[] = [];
  const named = texts.map(({ text }) => ({ name: text, text }));
  for await (const { scores } of predictTexts(predictor, named)) found.push(...scores);
  predictor.dispose();
  return found;
}

const missing = existsSync(join(folder, 'vocab.txt')) ? [] : [FOLDER];
const engines = await availableEngines();
for (const engine of ['native', 'webgpu'] as const)
  if (!engines.includes(engine)) missing.push(`the engine ${engine}`);

(missing.length > 0 ? describe.skip : describe)('the real multilingual BERT on WebGPU', () => {
  beforeAll(async () => void (await startEngine({ engine: 'native', device: 'cpu' })));

  const needs = missing.length > 0 ? `: needs ${missing.join(' and ')}` : '';
  test(
    `makes the native engine's step, dropout included, and predicts from its whole word table${needs}`,
    () =>
      expectNoLeakedTensors(async () => {
        const checkpoint = join(temporaryFolder(), 'checkpoint');
        const native = await step('native', checkpoint);
        const webgpu = await step('webgpu');
        expect(Math.abs(webgpu.loss - native.loss)).toBeLessThan(1e-4 * native.loss);
        expect(Math.abs(webgpu.norm - native.norm)).toBeLessThan(1e-3 * native.norm);
        // Adam's first step is the rate, whatever the gradient: where that is all rounding, its sign is, too.
        webgpu.changed.forEach((values, i) => {
          const far = values.filter((value, j) => Math.abs(value - native.changed[i]![j]!) > 1e-5);
          expect(far.length).toBeLessThan(1e-3 * values.length);
        });
        const [expected, found] = [await predict('native', checkpoint), await predict('webgpu', checkpoint)];
        expect(found).toHaveLength(2 * texts.length);
        found.forEach((values, i) => expectClose(values, expected[i]!, 1e-4));
      }),
    20 * MINUTES,
  );
});
