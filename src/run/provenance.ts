import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Engine } from '../backend/started.js';
import { threadCount } from '../backend/threads.js';

/** What a run was made with, for run.json. */
export interface Provenance {
  versions: Record<string, string>;
  engine: Pick<Engine, 'name' | 'device' | 'description'>;
  hardware: { processor: string; threads: number; memoryGiB: number };
  /** The commit of the folder where the run was started; `dirty` where files differed from it. */
  git: { commit: string; dirty: boolean } | null;
  corpus: { folder: string; hash: string; documents: number };
  seed: number;
  command: string[];
}

export async function provenanceOf(
  engine: Engine,
  corpus: Provenance['corpus'],
  seed: number,
): Promise<Provenance> {
  const { name, device, description } = engine;
  return {
    versions: await programVersions(),
    engine: { name, device, description },
    hardware: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      threads: threadCount(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    git: await gitState(),
    corpus,
    seed,
    command: process.argv.slice(2),
  };
}

/** Of this program, and of Node. */
export async function programVersions(): Promise<Provenance['versions']> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return { meddoprof: version, node: process.versions.node };
}

async function gitState(): Promise<Provenance['git']> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
  try {
    return { commit: await git('rev-parse', 'HEAD'), dirty: (await git('status', '--porcelain')) !== '' };
  } catch {
    return null;
  }
}
