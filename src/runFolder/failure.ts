import { access } from 'node:fs/promises';
import { exists } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { type Failure, failureFormat } from '../formats/record.js';
import { readStored } from '../formats/stored.js';
import type { RunPaths } from './paths.js';

/** Keeps why a run failed, where it had come so far that there is something to resume. */
export async function recordFailure({ config, failure }: RunPaths, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const content: Failure = { at: new Date().toISOString(), message };
  try {
    await access(config);
    await writeAtomically(failure, `${JSON.stringify(content)}\n`);
  } catch {
    // The error itself is told; it may be that of a full disk.
  }
}

/** Why a run failed, or nothing. @throws InputError where that cannot be read */
export async function readFailure({ failure }: RunPaths): Promise<Failure | undefined> {
  return (await exists(failure)) ? readStored(failure, failureFormat) : undefined;
}
