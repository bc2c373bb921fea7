import { afterAll, beforeAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import type { RunResult } from '../../src/run/events.js';
import { runToEnd } from './runToEnd.js';
import { tinyRun } from './tinyRun.js';

/** A run as it was trained. */
export interface TrainedRun {
  config: Config;
  corpus: string;
  /** Its folder. */
  run: string;
  result: RunResult;
}

/** Trains a tiny run before the tests of a file and removes it after them; there in tests, not before. */
export function trainedRun(): TrainedRun {
  const trained = {} as TrainedRun;
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const { config, corpus, out: run } = await tinyRun(root);
    const result = await runToEnd(config, { folder: run, resume: false });
    Object.assign(trained, { config, corpus, run, result });
  }, 300_000);
  afterAll(() => rmSync(root, { recursive: true }));
  return trained;
}
