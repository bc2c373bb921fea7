import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { Interrupted } from '../../src/errors.js';
import { phasesOf } from '../../src/run/phases.js';
import { hashOf, resultOf } from '../support/runFolder.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun, type ConfigParts } from '../support/tinyRun.js';

const folder = temporaryFolders();
const tiny = join(import.meta.dirname, '../fixtures/tiny-bert');
const patient = 300_000; // ms, for a machine that has other things to do

/** A training that does all that a training can. */
const everything = (cache: string): ConfigParts => ({
  training: { batchSize: 4, epochs: { count: 1, rate: 1e-3, frozen: 'encoder' } },
  decoding: { threshold: 0.05 }, // there are spans, however little it has learned
  augmentation: { labels: ['ACTIVIDAD'], substituteCount: 9, scoring: { weights: tiny, cache } },
  normalization: {
    embedding: {
      weight: 1,
      kind: 'pooledEncoder',
      weights: tiny,
      cache,
      training: { epochs: 1, batchSize: 8, folder: cache },
    },
  },
});

describe('a run', () => {
  test.each<[string, (cache: string) => ConfigParts, number]>([
    ['of two epochs', () => ({}), 5],
    ['with new examples, a frozen encoder, and an encoder trained for codes', everything, 9],
  ])(
    '%s goes through the phases that are told beforehand, in their order',
    async (_, changes, count) => {
      const { config, out } = await tinyRun(folder(), changes(folder()), 40);
      const seen = new Set<string>();
      const progress = (name: string) => void seen.add(name);
      await runToEnd(config, { folder: out, resume: false }, undefined, createContext({ progress }));
      expect([...seen]).toEqual(phasesOf(config));
      expect(seen.size).toBe(count);
    },
    patient,
  );

  test(
    'that is stopped in every phase, and gone on with after each, has the files of one that was not, to the bit',
    async () => {
      const place = folder();
      const cache = join(place, 'cache');
      const data = { codes: join(place, 'valid-codes.tsv') };
      const { config, out } = await tinyRun(place, { ...everything(cache), data }, 40);
      const whole = `${out}-whole`;
      await runToEnd(config, { folder: whole, resume: false });
      renameSync(cache, `${cache}-whole`);
      for (const [stops, phase] of phasesOf(config).entries()) {
        const stopped = stopIn(config, { folder: out, resume: stops > 0 }, phase);
        expect([phase, await stopped.catch((error: unknown) => error)]).toEqual([
          phase,
          expect.any(Interrupted),
        ]);
      }
      await runToEnd(config, { folder: out, resume: true });
      expect(resultOf(out)).toEqual(resultOf(whole));
      expect(filesIn(out)).toEqual(filesIn(whole));
      expect(filesIn(cache)).toEqual(filesIn(`${cache}-whole`));
    },
    patient,
  );
});

/** Runs until something of a phase is done. */
function stopIn(config: Config, options: { folder: string; resume: boolean }, phase: string) {
  const abort = new AbortController();
  const progress = (name: string, done: number) => {
    if (name === phase && done > 0) abort.abort();
  };
  return runToEnd(config, options, undefined, createContext({ signal: abort.signal, progress }));
}

/** The files of a folder with what two runs have in common of them. Lines of a cache may come in another order. */
function filesIn(root: string): [file: string, content: unknown][] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && !/tensorboard|run\.json|metrics\.jsonl/.test(join(entry.parentPath, entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name));
  const contentOf = (file: string) =>
    file.endsWith('.jsonl') ? readFileSync(file, 'utf8').split('\n').sort() : hashOf(file);
  return files.sort().map((file) => [relative(root, file), contentOf(file)]);
}
