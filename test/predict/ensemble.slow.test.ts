import { afterEach, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { decodeSpans } from '../../src/data/decode.js';
import { openTogether, predictTogether } from '../../src/predict/ensemble.js';
import { predictTexts } from '../../src/predict/predict.js';
import type { Prediction, Predictor } from '../../src/predict/predictor.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

const texts = ['La paciente trabaja de enfermera en un hospital. '.repeat(9), '', 'Su padre es albañil.'].map(
  (text, i) => ({ name: `${i}`, text }),
);

/** Two models of one vocabulary, of different size. */
async function models(): Promise<[string, string]> {
  const [one, other] = [join(folder(), 'one'), join(folder(), 'other')];
  await saveTinyModel(one, 'tiny-distilbert');
  await saveTinyModel(other, 'tiny-distilbert', { layers: [0] });
  return [one, other];
}

async function all(predictions: AsyncIterable<Prediction>): Promise<Prediction[]> {
  const list = [];
  for await (const prediction of predictions) list.push(prediction);
  return list;
}

/** Gives one of a model's labels another name. */
function renameLabel(model: string): void {
  const file = join(model, 'meddoprof.json');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"A"', '"Z"'));
}

describeEngines(
  'several models together',
  () => {
    test('leave nothing on the engine where the second has a weight that is no number', async () => {
      const [one, other] = await models();
      const file = join(other, 'model.safetensors');
      const bytes = readFileSync(file);
      bytes.fill(255, bytes.length - 4); // NaN, the last value of the last tensor
      writeFileSync(file, bytes);
      await expectNoLeakedTensors(async () => {
        const opened = openTogether([one, other], { batchSize: 4 }, createContext());
        await expect(opened).rejects.toThrow(new RegExp(`^${file}: value \\d+ of \\S+ is NaN`));
      });
    });

    test('find what the means of their probabilities say', () =>
      expectNoLeakedTensors(async () => {
        const [one, other] = await models();
        const folders = [one, other, one]; // so that one of them counts twice
        const { predictors, dispose } = await openTogether(folders, { batchSize: 4 }, createContext());
        const found = await all(predictTogether(predictors, texts));
        const alone: Prediction[][] = [];
        for (const predictor of predictors) alone.push(await all(predictTexts(predictor, texts)));
        const { outputs } = predictors[0]!.model.head;
        for (const [i, { name, scores, spans }] of found.entries()) {
          const each = alone.map((predictions) => predictions[i]!);
          expect(name).toBe(texts[i]!.name);
          scores.forEach((values, output) => {
            const sum = (at: number) => each.reduce((total, own) => total + own.scores[output]![at]!, 0);
            const mean = values.map((_, at) => sum(at) / 3);
            expectClose(values, mean, 1e-6);
          });
          const [encoded] = await predictors[0]!.tokenizer.encodeBatch([texts[i]!.text]);
          expect(spans).toEqual(decodeSpans(outputs, scores, encoded!, predictors[0]!.decoding));
        }
        expect(found[0]!.scores[0]).not.toEqual(alone[0]![0]!.scores[0]); // or the mean says nothing
        dispose();
      }));

    test('find what one finds where it stands there twice', async () => {
      const [one] = await models();
      const { predictors, dispose } = await openTogether([one, one], { batchSize: 4 }, createContext());
      const twice = await all(predictTogether(predictors, texts));
      const once = await all(predictTogether(predictors.slice(0, 1), texts));
      expect(twice.map(({ spans }) => spans)).toEqual(once.map(({ spans }) => spans));
      dispose();
    });

    test('are refused where their vocabularies see other words', async () => {
      const { predictors, dispose } = await openTogether(await models(), { batchSize: 4 }, createContext());
      const [one, other] = [predictors[0]!, predictors[1]!];
      const encodeBatch: Predictor['tokenizer']['encodeBatch'] = (list) =>
        other.tokenizer.encodeBatch(list.map((text) => text.replaceAll(' ', '')));
      const odd = { ...other, tokenizer: { ...other.tokenizer, encodeBatch } };
      await expect(all(predictTogether([one, odd], texts))).rejects.toThrow(
        'the vocabularies of the models cut 0 into different words: they cannot predict together',
      );
      dispose();
    });
  },
  ['native'],
);

describe('meddoprof predict with several runs', () => {
  test('writes what they find together', async () => {
    const [one, other] = await models();
    const input = writeFiles(
      folder(),
      Object.fromEntries(texts.map(({ name, text }) => [`${name}.txt`, text])),
    );
    const out = join(folder(), 'out');
    const { value, stdout } = await captureOutput(() =>
      runProgram(['predict', one, other, '--input', input, '--out', out, '--engine', 'wasm', '--json']),
    );
    expect(value).toBe(0);
    const { spans } = JSON.parse(stdout);
    const { predictors, dispose } = await openTogether([one, other], { batchSize: 16 }, createContext());
    const found = await all(predictTogether(predictors, texts));
    dispose();
    const count = (task: string) =>
      found.reduce((sum, prediction) => sum + prediction.spans[task]!.length, 0);
    expect(spans).toEqual({ ner: count('ner'), class: count('class') });
    expect(spans.ner).toBeGreaterThan(0);
  });

  test('refuses such as agree otherwise on what is a span', async () => {
    const [one, other] = await models();
    const file = join(other, 'meddoprof.json');
    const settings = JSON.parse(readFileSync(file, 'utf8'));
    settings.model.crf.agree = true;
    writeFileSync(file, JSON.stringify(settings));
    await expect(openTogether([one, other], {}, createContext())).rejects.toThrow(
      `${other} has other labels, another head or scheme, other outputs or another agreement of them than ${one}`,
    );
  });

  test('refuses such as find spans of other lengths, and says so', async () => {
    const [one, other] = [join(folder(), 'one'), join(folder(), 'other')];
    await saveTinyModel(one, 'tiny-distilbert', { longest: 8 });
    await saveTinyModel(other, 'tiny-distilbert', { longest: 4 });
    await expect(openTogether([one, other], {}, createContext())).rejects.toThrow(
      `${other} finds spans of at most 4 words, and ${one} of at most 8 (model.spans.longest): only models that find the same can predict together`,
    );
  });

  test('refuses such as find different things, naming the one, and writes nothing', async () => {
    const [one, other] = await models();
    renameLabel(other);
    const input = writeFiles(folder(), { 'a.txt': 'Es médica.' });
    const out = join(folder(), 'out');
    const { value, stderr } = await captureOutput(() =>
      runProgram(['predict', one, other, '--input', input, '--out', out, '--engine', 'wasm']),
    );
    expect([value, stderr]).toEqual([2, expect.stringContaining(`${other} has other labels`)]);
    expect(existsSync(out)).toBe(false);
  });
});
