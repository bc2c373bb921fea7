import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '../../src/compare/comparison.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { writeDemoCorpus } from '../../src/demo/write.js';
import { runBuilt } from '../support/builtProgram.js';
import type { ShownRun } from '../support/experiment.js';
import { fixtureFolder } from '../support/fixtures.js';

const patient = 900_000; // ms, for a machine that has other things to do

let root: string;
let settings: string[];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const { corpus, codes } = await writeDemoCorpus(root, generateCorpus({ seed: 3, documents: 30 }));
  settings = [
    ...[`data.corpus=${corpus}`, `data.codes=${codes}`, 'data.windowPieces=64', 'data.windowStride=48'],
    ...[`encoder.weights=${join(fixtureFolder, 'tiny-bert')}`, 'encoder.layers=null', 'model.lstmUnits=8'],
    `augmentation.scoring.weights=${join(fixtureFolder, 'tiny-bert')}`,
    ...['augmentation.count=4', 'augmentation.tries=9', 'augmentation.substituteCount=9'],
    ...['augmentation.maximumPerOriginal=8', 'augmentation.maximumPerSubstitute=8'],
    ...[`augmentation.scoring.cache=${join(root, 'cache')}`, 'augmentation.scoring.window=1'],
    ...['decoding.threshold=0.1', 'training.warmupSteps=1', 'training.headRateFactor=50'],
  ].flatMap((setting) => ['--set', setting]);
});
afterAll(() => rmSync(root, { recursive: true }));

test(
  "the paper's three variants with two seeds, on the demo corpus and a tiny BERT, end in a comparison",
  async () => {
    const only = ['default', 'extended', 'no-fine-tune'].flatMap((variant) =>
      [1, 2].flatMap((seed) => ['--only', `${variant}-${seed}`]),
    );
    const file = join(import.meta.dirname, '../../experiments/paper.yaml');
    const ended = await runBuilt([
      'train',
      file,
      '--out',
      join(root, 'runs'),
      ...only,
      ...settings,
      '--jobs',
      '2',
      '--json',
    ]);
    const { runs } = JSON.parse(ended.stdout) as { runs: ShownRun[] };
    expect(runs.map(({ name, state, reason }) => [name, state, reason])).toEqual(
      only.filter((name) => name !== '--only').map((name) => [name, 'finished', undefined]),
    );
    const folders = runs.map(({ folder }) => folder);
    const compared = await runBuilt(['compare', ...folders, '--resamples', '200', '--json']);
    const { variants } = JSON.parse(compared.stdout) as Comparison;
    expect(variants.map(({ runs: own }) => own.length)).toEqual([2, 2, 2]);
  },
  patient,
);
