import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import type { Config } from '../../src/config/schema.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { describeEngines } from '../support/engines.js';
import { expectClose } from '../support/tensors.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

async function predict(config: Config) {
  const session = await openSession(
    config,
    await prepareData(config),
    { cacheFolder: folder() },
    createContext(),
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
      expect(compiled).toContain('predict 2 32');
      expect(eager.compiled).toEqual([]);
      expect(predictions.map(({ name, spans }) => ({ name, spans }))).toEqual(
        eager.predictions.map(({ name, spans }) => ({ name, spans })),
      );
      predictions.forEach(({ scores }, i) =>
        scores.forEach((values, output) => expectClose(values, eager.predictions[i]!.scores[output]!, 1e-6)),
      );
    });
  },
  ['native'],
);
