import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatConfig } from '../../src/config/format.js';
import { runBuilt, type Ended, type Interruption } from '../support/builtProgram.js';
import { metricsOf, resultOf } from '../support/runFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const patient = 600_000; // ms, for a machine that has other things to do

describe('a run that is cut off', () => {
  let root: string;
  let config: string;
  let whole: string;
  const checkpoints = (run: string) => readdirSync(join(run, 'checkpoints')).sort();
  const start = (run: string, interruption?: Interruption) =>
    runBuilt(['train', config, '--out', run], interruption);
  const resume = (run: string, interruption?: Interruption) =>
    runBuilt(['train', '--resume', run], interruption);
  const killed = { status: null, signal: 'SIGKILL' };

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const tiny = await tinyRun(
      root,
      { training: { epochs: { count: 2, rate: 1e-3 }, checkpointSteps: 2 } },
      8,
    );
    config = join(root, 'tiny.yaml');
    writeFileSync(config, formatConfig(tiny.config));
    whole = join(root, 'whole');
    expect(await start(whole)).toMatchObject({ status: 0 });
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test(
    'by SIGKILL while it writes a checkpoint, at whatever moment, ends as one that was not once it is resumed',
    async () => {
      const run = join(root, 'killed');
      const kill = (call: Interruption['call'], path: string, time = 1): Interruption => ({ signal: 'SIGKILL', call, path, time }); // prettier-ignore

      // Half of the first checkpoint is all there is: the run begins anew.
      expect(await start(run, kill('write', 'last.new/.*model.safetensors'))).toMatchObject(killed);
      expect(checkpoints(run)).toEqual(['last.new']);
      expect(readdirSync(join(run, 'checkpoints/last.new'))).toContainEqual(expect.stringMatching(/\.tmp$/));

      // Half of the moments of the second.
      expect(await resume(run, kill('write', 'last.new/.*training.safetensors', 2))).toMatchObject(killed);
      expect(checkpoints(run)).toEqual(['last', 'last.new']);

      // The new one is whole and the old one moved away.
      expect(await resume(run, kill('rename', 'checkpoints/last$'))).toMatchObject(killed);
      expect(checkpoints(run)).toEqual(['last.done', 'last.old']);

      // The last checkpoint is that of the best epoch, which is being put together.
      expect(await resume(run, kill('link', 'best.new', 3))).toMatchObject(killed);
      expect(checkpoints(run)).toEqual(['best.new', 'last']);

      expect(await resume(run)).toMatchObject({ status: 0 });
      expect(resultOf(run)).toEqual(resultOf(whole));
      expect(checkpoints(run)).toEqual(['best', 'last']);
    },
    patient,
  );

  test(
    'by Ctrl-C exits with 130, says how to resume, and ends as one that was not',
    async () => {
      const run = join(root, 'interrupted');
      const interruption = { signal: 'SIGINT', call: 'appendFile', path: 'metrics.jsonl', time: 2 } as const;
      const ended: Ended = await start(run, interruption);
      expect(ended).toMatchObject({ status: 130, signal: null, stdout: '' });
      expect(ended.stderr).toMatch(
        /Stopped (at \d+ of \d+ training steps|in the validation of epoch 0)\. Go on with: meddoprof train --resume .*interrupted\n$/,
      );
      expect(metricsOf(run).length).toBeLessThan(metricsOf(whole).length);
      expect(existsSync(join(run, 'evaluation.json'))).toBe(false);

      const resumed = await resume(run);
      expect(resumed).toMatchObject({ status: 0, stdout: expect.stringContaining('ner') });
      expect(resultOf(run)).toEqual(resultOf(whole));
    },
    patient,
  );
});
