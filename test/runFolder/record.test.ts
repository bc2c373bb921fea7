import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../../src/formats/record.js';
import { recordSession } from '../../src/runFolder/record.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('sessions of a run add up their seconds, keep the most memory, and only the last one finishes it', async () => {
  const file = join(folder(), 'run.json');
  const made: RunRecord = {
    started: '2026-01-01T00:00:00.000Z',
    versions: { meddoprof: '0.1.0' },
    engine: { name: 'cpu', device: 'cpu', description: 'none' },
    hardware: { processor: 'none', threads: 1, memoryGiB: 1 },
    corpus: { folder: 'corpus', hash: 'abc', documents: 3 },
    git: null,
    seed: 3,
    command: [],
  };
  writeFileSync(file, JSON.stringify(made));
  const record = () => JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
  await recordSession(file, { seconds: 100.4, finished: false });
  const { peakMemoryMiB } = record();
  expect(record()).toEqual({ ...made, seconds: 100, peakMemoryMiB });
  writeFileSync(file, JSON.stringify({ ...record(), peakMemoryMiB: 1e6 }));
  await recordSession(file, { seconds: 20, finished: true });
  expect(record()).toMatchObject({ ...made, seconds: 120, peakMemoryMiB: 1e6 });
  expect(Date.parse(record().finished!)).toBeGreaterThan(Date.parse(made.started));
});
