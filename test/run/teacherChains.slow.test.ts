import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { chainsOf, type TagChain } from '../../src/model/heads/crf/chains.js';
import type { SoftMoves } from '../../src/model/heads/crf/moves.js';
import { tagCount } from '../../src/model/heads/crf/tags.js';
import { partsOfTargets } from '../../src/model/heads/crf/targets.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { planRun } from '../../src/run/plan.js';
import { prepareData } from '../../src/run/prepare.js';
import { taught } from '../../src/run/teach.js';
import { describeTeachers } from '../../src/run/teachers.js';
import { foldTeachers } from '../support/foldTeachers.js';
import { hashOf } from '../support/runFolder.js';
import { runToEnd } from '../support/runToEnd.js';
import { expectClose } from '../support/tensors.js';

const patient = 300_000; // ms, for a machine that has other things to do

describe('a run of chains that learns from others', () => {
  let root: string;
  let teachers: string[];
  let plain: Config;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const model = { head: 'crf', scheme: 'BIO', crf: { agree: true } };
    ({ teachers, plain } = await foldTeachers(root, { model }));
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  const student = (teacher: Partial<Config['training']['teacher']>, model: object = {}): Config =>
    configSchema.parse({
      ...plain,
      model: { ...plain.model, ...model },
      training: {
        ...plain.training,
        teacher: { runs: teachers, cache: join(root, 'cache'), ...teacher },
      },
    });

  test(
    'is given the moves that the mean of their scores makes probable, mixed with its labels',
    async () => {
      const config = student({ weight: 0.75 });
      const data = await prepareData(config);
      const learned = await taught(data, config, await describeTeachers(data.teachers), createContext());
      const { head } = data.model;
      const [{ output }] = chainsOf(head.outputs, true) as [TagChain];
      const taughtBy = new Set<number>();
      for (const [at, { name, text, targets }] of data.training.entries()) {
        const scores: Float32Array[][] = [];
        for (const { checkpoint, teaches } of data.teachers) {
          if (!teaches.has(name)) continue;
          const predictor = await openPredictor(checkpoint, {}, createContext());
          for await (const one of predictTexts(predictor, [{ name, text }])) scores.push(one.scores);
          predictor.dispose();
        }
        taughtBy.add(scores.length);
        const mean = scores[0]?.map((_, output) => meanOf(scores.map((one) => one[output]!)));
        const expected = partsOfTargets(head.soften!(targets, mean, 0.75), 1);
        const { tags, soft } = partsOfTargets(learned.training[at]!.targets, 1);
        expect(tags).toEqual(partsOfTargets(targets, 1).tags);
        const all = (moves: SoftMoves) => dense(moves, tags[0]!.length, tagCount(output));
        // What teachers say is kept in half precision.
        expectClose(all(soft[0]!), all(expected.soft[0]!), 5e-3, name);
      }
      expect(taughtBy).toEqual(new Set([0, 1, 2]));
    },
    patient,
  );

  test(
    'learns from its labels alone, to the bit, where they have no say, and else other things',
    async () => {
      const model = async (name: string, config: Config) => {
        await runToEnd(config, { folder: join(root, name), resume: false });
        return hashOf(join(root, name, 'checkpoints/best/model.safetensors'));
      };
      const alone = await model('alone', plain);
      expect(await model('no-say', student({ weight: 0 }))).toBe(alone);
      expect(await model('half', student({ weight: 0.5 }))).not.toBe(alone);
    },
    patient,
  );

  test('refuses teachers whose tasks agree where its own do not', async () => {
    await expect(planRun(student({}, { crf: { agree: false } }))).rejects.toThrow(
      'fold-1 has model.crf.agree true, and model.crf.agree is false: only a model that finds the same can teach',
    );
  });
});

/** All moves of a document, those of no share too. */
function dense({ places, shares }: SoftMoves, units: number, tags: number): Float32Array {
  const all = new Float32Array((units + 1) * (tags + 2) * tags);
  places.forEach((place, i) => (all[place] = shares[i]!));
  return all;
}

function meanOf(all: Float32Array[]): Float32Array {
  return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
}
