import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';

/** A file of the shared data, which lies beside the repository where there is one. */
export function sharedFile(name: string): string {
  return join(import.meta.dirname, '../../../shared', name);
}

/** `describe` for tests that need shared data: one skipped test that says so where it is absent. */
export function describeShared(title: string, needs: string, tests: () => void): void {
  if (existsSync(sharedFile(needs))) describe(title, tests);
  else describe(title, () => test.skip(`needs ../shared/${needs}, which is not here`, () => {}));
}

/** The corpus of the shared task, in shared/. */
export const trainingSet = 'meddoprof/meddoprof-training-set';
