import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession } from '../../src/run/session.js';
import { describeEngines } from '../support/engines.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

describeEngines(
  'a model of windows with context',
  () => {
    test.each(['sigmoid', 'crf', 'spans'])('predicts as it was validated, with the head %s', async (head) => {
      const { config, out } = await tinyRun(
        folder(),
        {
          data: { windowPieces: 32, windowContext: 8 },
          model: { head },
          training: { epochs: { count: 1, rate: 1e-3 }, averageDecay: 0.9 },
        },
        8,
      );
      await runToEnd(config, { folder: out, resume: false });
      const checkpoint = `${out}/checkpoints/best`;
      const context = createContext();
      const data = await prepareData(config);
      const session = await openSession(config, data, { cacheFolder: folder(), checkpoint: `${out}/checkpoints/last` }, context); // prettier-ignore
      const validated = await session.predictValidation();
      await session.close();

      const predictor = await openPredictor(checkpoint, {}, context);
      expect(predictor.windows).toMatchObject({ windowPieces: 32, windowContext: 8 });
      const found = [];
      for await (const one of predictTexts(predictor, data.validation)) found.push(one);
      predictor.dispose();
      expect(found.map(({ name }) => name)).toEqual(validated.map(({ name }) => name));
      found.forEach(({ scores }, i) =>
        scores.forEach((values, output) => {
          const expected = validated[i]!.scores[output]!;
          expect([...values]).toEqual([...expected].map((value) => expect.closeTo(value, 4)));
        }),
      );
      expect(validated[0]!.scores[0]!.length).toBeGreaterThan(0);
    });
  },
  ['native'],
);
