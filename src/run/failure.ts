import { access, readFile } from 'node:fs/promises';
import { writeAtomically } from '../files/write.js';
import type { RunPaths } from './paths.js';

/** What a run ended with that did not reach its end: failure.json. */
export interface Failure {
  at: string;
  message: string;
}

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

/** Why a run failed, or nothing. */
export async function readFailure({ failure }: RunPaths): Promise<Failure | undefined> {
  const text = await readFile(failure, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Failure);
}
