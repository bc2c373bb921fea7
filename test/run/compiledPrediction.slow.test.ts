import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { inWay } from '../../src/backend/precision.js';
import { createContext } from '../../src/context.js';
import type { Config } from '../../src/config/schema.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { describeEngines } from '../support/engines.js';
import { saveTinyModel } from '../support/savedModel.js';
import { expectClose } from '../support/tensors.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

async function predict(config: Config) {
  const data = await prepareData(config);
  const session = await inWay(config.backend, () =>
    openSession(config, data, { cacheFolder: folder() }, createContext()),
  );
  const predictions = await session.predictValidation();
  const compiled = [...(session.training.compiler?.functions.keys() ?? [])];
  await session.close();
  return { predictions, compiled };
}

describeEngines(
  'prediction with compiled batches',
  () => {
    test('finds what prediction op by op finds', async () => {
      const { config } = await tinyRun(
        folder(),
        { data: { windowPieces: 24, windowStride: 12 }, training: { batchSize: 2 } },
        60,
      );
      const { predictions, compiled } = await predict(config);
      const eager = await predict({ ...config, backend: { ...config.backend, compile: false } });
      expect(compiled).toContain('predict 2 32 float32');
      expect(eager.compiled).toEqual([]);
      expect(predictions.map(({ name, spans }) => ({ name, spans }))).toEqual(
        eager.predictions.map(({ name, spans }) => ({ name, spans })),
      );
      predictions.forEach(({ scores }, i) =>
        scores.forEach((values, output) => expectClose(values, eager.predictions[i]!.scores[output]!, 1e-6)),
      );
    });

    test('finds the same to the bit where the first documents are found already', async () => {
      const model = join(folder(), 'model');
      await saveTinyModel(model, 'tiny-distilbert');
      const words = ['enfermera', 'hospital', 'trabaja', 'médico', 'albañil', 'jubilado'];
      const textOf = (i: number) =>
        Array.from(
          { length: 20 + ((i * 37) % 150) },
          (_, at) => words[(i * 5 + at * at) % words.length],
        ).join(' ');
      const texts = Array.from({ length: 200 }, (_, i) => ({ name: `d${i}`, text: textOf(i) }));
      const found = async (isDone?: (name: string) => boolean) => {
        const predictor = await openPredictor(model, { batchSize: 4 }, createContext());
        const scores = new Map<string, Float32Array[]>();
        for await (const one of predictTexts(predictor, texts, isDone)) scores.set(one.name, one.scores);
        predictor.dispose();
        return scores;
      };
      const all = await found();
      const rest = await found((name) => Number(name.slice(1)) < 120);
      const first = Number([...rest.keys()][0]!.slice(1));
      expect(first).toBeGreaterThan(30); // groups of documents were left out
      expect(first).toBeLessThanOrEqual(120);
      expect([...rest.keys()].at(-1)).toBe('d199');
      for (const [name, scores] of rest) expect(scores).toEqual(all.get(name));
    });
  },
  ['native'],
);
