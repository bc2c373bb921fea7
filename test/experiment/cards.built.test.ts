import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { visibleGpus } from '../../src/backend/gpus.js';
import { lendCards } from '../../src/experiment/cards.js';
import { loadExperiment } from '../../src/experiment/load.js';
import { runExperiment } from '../../src/experiment/run.js';
import { writeExperiment } from '../support/experiment.js';
import { withNvidiaSmi } from '../support/nvidiaSmi.js';

const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
afterEach(() => rmSync(root, { recursive: true }));

test('an experiment shows each training at the same time a card of its own', async () => {
  const cuda = withNvidiaSmi(['A, 24576, GPU-1', 'B, 24576, GPU-2'], () => visibleGpus(undefined));
  // They end before they train, and need no card that is there.
  const file = await writeExperiment(
    root,
    'seeds: [1, 2]\nvariants: { a: { config: tiny.yaml, set: { encoder.weights: nowhere } } }\n',
  );
  const waited: string[] = [];
  const running = runExperiment(await loadExperiment(file, join(root, 'runs')), {
    jobs: 2,
    set: ['backend.engine=native'],
    cards: lendCards({ flavour: 'cuda', cuda: cuda.map(({ id }) => id), webgpu: false }, 1),
    onWait: ({ name }) => void waited.push(name),
    onStart: () => {},
    onLine: () => {},
    onEnd: () => {},
  });
  await running.outcomes;
  const cards = [1, 2].map((seed) => /CUDA_VISIBLE_DEVICES=(\S+) meddoprof train/.exec(readFileSync(join(root, `runs/a-${seed}.log`), 'utf8'))?.[1]); // prettier-ignore
  expect(cards.sort()).toEqual(['GPU-1', 'GPU-2']);
  expect(waited).toEqual([]);
}, 120_000);
