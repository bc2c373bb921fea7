import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { Interrupted } from '../../src/errors.js';
import { EVALUATING } from '../../src/run/evaluateRun.js';
import { hashOf, resultOf } from '../support/runFolder.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do

describe('the evaluation of a run', () => {
  let root: string;
  let config: Config;
  let whole: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    // Small windows: those of the documents that are scored fill more than one group that is computed together.
    ({ config, out: whole } = await tinyRun(
      root,
      { data: { windowPieces: 12, windowStride: 4 }, training: { epochs: { count: 1, rate: 1e-2 } } },
      120,
    ));
    await runToEnd(config, { folder: whole, resume: false });
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  /** A copy of the run as it was when its training had ended. */
  const trained = () => {
    const run = join(folder(), 'run');
    cpSync(whole, run, { recursive: true });
    for (const name of ['predictions', 'evaluation.json', 'normalization.json', 'codings.json'])
      rmSync(join(run, name), { recursive: true });
    return run;
  };
  /** Goes on with a run, until so many documents are evaluated; tells how many were done at each call. */
  const goOn = async (run: string, until = Infinity) => {
    const abort = new AbortController();
    const seen: number[] = [];
    const progress = (name: string, done: number) => {
      if (name !== EVALUATING) return;
      seen.push(done);
      if (done >= until) abort.abort();
    };
    const context = createContext({ signal: abort.signal, progress });
    const ended = runToEnd(config, { folder: run, resume: true }, undefined, context);
    if (until === Infinity) await ended;
    else await expect(ended).rejects.toBeInstanceOf(Interrupted);
    return seen;
  };
  /** All that a finished run has but for times: the evaluation's files, checkpoints, metrics. */
  const made = (run: string) => {
    const files = ['predictions', 'normalizer'].flatMap((name) =>
      readdirSync(join(run, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    const all = [...files, join(run, 'codings.json'), join(run, 'normalization.json')].sort();
    return { ...resultOf(run), hashes: all.map((file) => [relative(run, file), hashOf(file)]) };
  };
  const written = (run: string, task = 'task1') => readdirSync(join(run, 'predictions', task)).sort();

  test(
    'that was stopped goes on from the predictions that are written, to the same files',
    async () => {
      const run = trained();
      const all = written(whole).length;
      expect(await goOn(run, 3)).toEqual([0, 1, 2, 3]);
      expect(written(run)).toHaveLength(3);
      const groups = await goOn(run, all - 1);
      expect(groups.filter((done) => done > 0 && done < 3)).toEqual([]); // what was there counts from the start
      const kept = statSync(join(run, 'predictions/task1', written(run)[0]!)).mtimeMs;
      const last = await goOn(run);
      expect(last).toEqual([0, all]); // one more was left
      expect(statSync(join(run, 'predictions/task1', written(run)[0]!)).mtimeMs).toBe(kept); // of another group
      expect(made(run)).toEqual(made(whole));
    },
    patient,
  );

  test(
    'predicts a document again of which a file is damaged, or is not there for every task',
    async () => {
      const run = trained();
      await goOn(run, 5);
      const [first, second] = written(run);
      rmSync(join(run, 'predictions/task2', first!));
      appendFileSync(join(run, 'predictions/task1', second!), 'T9\tPROFES');
      await goOn(run);
      expect(made(run)).toEqual(made(whole));
    },
    patient,
  );

  test(
    'that was finished is made anew: predictions that people have changed are none to go on with',
    async () => {
      const run = join(folder(), 'run');
      cpSync(whole, run, { recursive: true });
      const [first] = written(run);
      appendFileSync(join(run, 'predictions/task1', first!), 'T999\tPROFESION 0 2\tLa\n');
      await goOn(run, 2);
      expect(existsSync(join(run, 'evaluation.json'))).toBe(false);
      expect(written(run)).toHaveLength(2);
      await goOn(run);
      expect(made(run)).toEqual(made(whole));
    },
    patient,
  );
});
