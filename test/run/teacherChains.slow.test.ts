import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type Config } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { softMoves } from '../../src/model/heads/crf/moves.js';
import { partsOfTargets } from '../../src/model/heads/crf/targets.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { planRun } from '../../src/run/plan.js';
import { prepareData } from '../../src/run/prepare.js';
import { taught } from '../../src/run/teach.js';
import { describeTeachers } from '../../src/run/teachers.js';
import { hashOf } from '../support/runFolder.js';
import { runToEnd } from '../support/runToEnd.js';
import { expectClose } from '../support/tensors.js';
import { tinyRun } from '../support/tinyRun.js';

const patient = 300_000; // ms, for a machine that has other things to do

describe('a run of chains that learns from others', () => {
  let root: string;
  let teachers: string[];
  let plain: Config;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const { config } = await tinyRun(root, { model: { head: 'crf', scheme: 'BIO' } });
    plain = config;
    teachers = [1, 2].map((seed) => join(root, `seed-${seed}`));
    for (const [i, folder] of teachers.entries())
      await runToEnd({ ...config, seed: i + 1 }, { folder, resume: false });
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  const student = (teacher: Partial<Config['training']['teacher']>, model: object = {}): Config =>
    configSchema.parse({
      ...plain,
      model: { ...plain.model, ...model },
      training: {
        ...plain.training,
        teacher: { runs: teachers, seen: 'teach', cache: join(root, 'cache'), ...teacher },
      },
    });

  test(
    'is given the moves that the mean of their scores makes probable, mixed with its labels',
    async () => {
      const config = student({ weight: 0.75 });
      const data = await prepareData(config);
      const learned = await taught(data, config, await describeTeachers(data.teachers), createContext());
      const { head } = data.model;
      for (const [at, { name, text, targets }] of data.training.entries()) {
        const scores: Float32Array[][] = [];
        for (const teacher of teachers) {
          const predictor = await openPredictor(join(teacher, 'checkpoints/best'), {}, createContext());
          for await (const one of predictTexts(predictor, [{ name, text }])) scores.push(one.scores);
          predictor.dispose();
        }
        const mean = scores[0]!.map((values, output) =>
          values.map((value, i) => (value + scores[1]![output]![i]!) / 2),
        );
        const expected = partsOfTargets(head.soften!(targets, mean, 0.75), head.outputs.length);
        const { tags, soft } = partsOfTargets(learned.training[at]!.targets, head.outputs.length);
        expect(tags).toEqual(partsOfTargets(targets, head.outputs.length).tags);
        expect(soft).toHaveLength(2);
        // What teachers say is kept in half precision.
        for (const [chain, moves] of soft.entries())
          expectClose(dense(moves, tags, chain), dense(expected.soft[chain]!, tags, chain), 5e-3, name);
      }
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
    await expect(planRun(student({}, { crf: { agree: true } }))).rejects.toThrow(
      'seed-1 has model.crf.agree false, and model.crf.agree is true: only a model that finds the same can teach',
    );
  });
});

/** All moves of a document, those of no share too. */
function dense(
  { places, shares }: ReturnType<typeof softMoves>,
  tags: readonly Uint8Array[],
  chain: number,
): Float32Array {
  const count = chain === 0 ? 7 : 9; // B and I of three labels, of four
  const all = new Float32Array((tags[chain]!.length + 1) * (count + 2) * count);
  places.forEach((place, i) => (all[place] = shares[i]!));
  return all;
}
