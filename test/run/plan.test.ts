import { describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planTables } from '../../src/cli/trainTables.js';
import { readSplit, writeSplit } from '../../src/data/split.js';
import { planRun } from '../../src/run/plan.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun, type ConfigParts } from '../support/tinyRun.js';

const folder = temporaryFolders();
const planOf = async (training: ConfigParts) => planRun((await tinyRun(folder(), { training })).config);

describe('the plan of a training', () => {
  test("has one rate for an epoch, the new layers' beside it", async () => {
    const plan = await planOf({ epochs: { count: 2, rate: 1e-3, decay: 0.5 } });
    const rates = plan.epochs.map(({ rate, lastRate, headRate }) => [rate, lastRate, headRate]);
    expect(rates).toEqual([
      [1e-3, 1e-3, 5e-3],
      [5e-4, 5e-4, 2.5e-3],
    ]);
    expect(planTables(plan)).toMatch(/ 1\.0e-3 +5\.0e-3 /);
  });

  test("has the embeddings' rate where layers learn the less the lower they are", async () => {
    const plan = await planOf({ layerRateFactor: 0.5, epochs: { count: 1, rate: 1e-3 } });
    expect(plan.epochs[0]!.embeddingsRate).toBeCloseTo(1e-3 / 4, 12); // of two layers
    expect(planTables(plan)).toMatch(/ rate +embeddings +new layers [^]* 1\.0e-3 +2\.5e-4 +5\.0e-3 /);
  });

  test('has the first and last rate of an epoch in which it falls', async () => {
    const plan = await planOf({ warmupSteps: 0, rateDecay: 'linear', epochs: { count: 2, rate: 1e-3 } });
    const { steps, epochs } = plan;
    const [first, second] = epochs as [(typeof epochs)[0], (typeof epochs)[0]];
    expect(first.steps).toBeGreaterThan(1);
    const left = [0, first.steps - 1, first.steps, steps - 1].map((step) => (1e-3 * (steps - step)) / steps);
    const rates = [first.rate, first.lastRate, second.rate, second.lastRate];
    expect(rates).toEqual(left.map((rate) => expect.closeTo(rate, 12)));
    expect(second.lastHeadRate).toBeCloseTo(5 * second.lastRate, 12);
    const shown = (rate: number) => rate.toExponential(1);
    expect(planTables(plan)).toContain(`1.0e-3 to ${shown(first.lastRate)}`);
  });

  test('tells of a warm-up that the training does not outlast', async () => {
    const { steps } = await planOf({ warmupSteps: 0 });
    const notice = `The rate rises over training.warmupSteps, ${steps + 1}, and the training has ${steps} steps: it ends before`;
    expect((await planOf({ warmupSteps: steps + 1 })).notices.join('\n')).toContain(notice);
    expect((await planOf({ warmupSteps: steps })).notices.join('\n')).not.toContain('warmupSteps');
  });

  test('tells the labels that no training document has, and refuses where that is all of them', async () => {
    const { config } = await tinyRun(folder());
    const { ner } = config.tasks;
    const one = { ner: { ...ner!, labels: [...ner!.labels, 'FOO'] } };
    expect((await planRun({ ...config, tasks: one })).notices).toContain(
      'No training document has a span of FOO (ner): the model will find none.',
    );
    await expect(planRun({ ...config, tasks: { ner: { ...ner!, labels: ['FOO'] } } })).rejects.toThrow(
      /no training document has a span with a label of a task \(FOO\): there is nothing to learn\. \d+ spans have the label PROFESION, which task ner does not list/,
    );
  });

  test('tells how many held-out documents have twins that train, but for folds', async () => {
    const { config, corpus } = await tinyRun(folder());
    const split = await readSplit(config.data.split!);
    const [name] = split.training as [string];
    for (const task of ['task1', 'task2']) {
      const file = join(corpus, task, `${name}.txt`);
      writeFileSync(join(corpus, task, 'twin.txt'), `${readFileSync(file, 'utf8')} Fin.`);
      writeFileSync(join(corpus, task, 'twin.ann'), '');
    }
    const validation = [...split.validation, 'twin'];
    await writeSplit(config.data.split!, { ...split, validation });
    const { notices } = await planRun(config);
    expect(notices.join('\n')).toContain(
      `Held-out documents with nearly the text of one that is trained on: 1 of ${validation.length} (twin)`,
    );
    const ofFolds = await planRun({ ...config, data: { ...config.data, split: null, folds: 3, fold: 1 } });
    expect(ofFolds.notices.join('\n')).not.toContain('nearly the text');
  });

  test('is refused where words are to be hidden and the vocabulary has no piece for that', async () => {
    const vocabulary = join(folder(), 'vocab.txt');
    writeFileSync(vocabulary, '[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n');
    const { config } = await tinyRun(folder(), { encoder: { vocabulary }, training: { maskedShare: 0.1 } });
    await expect(planRun(config)).rejects.toThrow(
      `training.maskedShare needs a piece that stands for a hidden one, and ${vocabulary} has none: take another model`,
    );
    await planRun({ ...config, training: { ...config.training, maskedShare: 0 } });
  });
});
