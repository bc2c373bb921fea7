import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../support/runToEnd.js';
import { metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('every label scheme trains and evaluates', () => {
  const combinations = (['IO', 'BIO', 'BIOU'] as const).flatMap((scheme) =>
    (['perTask', 'joint'] as const).map((outputs) => [scheme, outputs] as const),
  );
  test.each(combinations)(
    '%s with outputs %s',
    async (scheme, outputs) => {
      const model = { scheme, outputs };
      const training = { epochs: { count: 1 } };
      const { config, out } = await tinyRun(folder(), { model, training, decoding: { threshold: 0.02 } }, 6);
      const { evaluation } = await runToEnd(config, { folder: out, resume: false });
      for (const task of ['ner', 'class']) {
        const { truePositives, falsePositives, falseNegatives } = evaluation[task]!;
        expect(truePositives + falsePositives).toBeGreaterThan(0);
        expect(truePositives + falseNegatives).toBeGreaterThan(0);
      }
      const tags = { IO: 1, BIO: 2, BIOU: 3 }[scheme];
      const [words] = metricsOf(out).filter(({ kind }) => kind === 'epoch');
      expect(Object.keys(words!.words as object)).toEqual(
        outputs === 'perTask' ? ['ner', 'class'] : ['joint'],
      );
      expect(json(join(out, 'checkpoints/best/meddoprof.json')).model).toMatchObject(model);
      expect(headSizes(join(out, 'checkpoints/best/model.safetensors'))).toEqual(
        (outputs === 'perTask' ? [3, 4] : [12]).map((labels) => labels * tags),
      );
    },
    patient,
  );
});

/** Numbers of channels by the shapes in a checkpoint's header. */
function headSizes(file: string): number[] {
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as object;
  return Object.entries(header)
    .filter(([name]) => /^heads\..*\.bias$/.test(name))
    .map(([, { shape }]) => (shape as number[])[0]!);
}
