import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Calls `work` where nvidia-smi lists these cards: `name, MiB, uuid`; undefined: it is missing. */
export function withNvidiaSmi<T>(cards: readonly string[] | undefined, work: () => T): T {
  const { PATH } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const lines = cards?.map((card) => `echo '${card}'`).join('; ');
  if (lines !== undefined)
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  process.env.PATH = folder;
  try {
    return work();
  } finally {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  }
}
