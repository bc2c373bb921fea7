import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { configSchema } from '../../src/config/schema.js';
import { createContext } from '../../src/context.js';
import { readSplit } from '../../src/data/split.js';
import { Interrupted } from '../../src/errors.js';
import { recordFormat } from '../../src/formats/record.js';
import { readStored } from '../../src/formats/stored.js';
import { openPredictor } from '../../src/predict/open.js';
import { predictTexts } from '../../src/predict/predict.js';
import { planRun } from '../../src/run/plan.js';
import { prepareData } from '../../src/run/prepare.js';
import { taught, TEACHING } from '../../src/run/teach.js';
import { describeTeachers } from '../../src/run/teachers.js';
import { foldTeachers } from '../support/foldTeachers.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { hashOf, resultOf } from '../support/runFolder.js';
import { runToEnd, runUntil } from '../support/runToEnd.js';
import { expectClose } from '../support/tensors.js';

const patient = 300_000; // ms, for a machine that has other things to do
const model = (run: string) => join(run, 'checkpoints/best/model.safetensors');

describe('a run that learns from others', () => {
  let root: string;
  /** Of the first and the second of three folds. */
  let teachers: string[];
  let plain: Config;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    ({ teachers, plain } = await foldTeachers(root));
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  const student = (teacher: Partial<Config['training']['teacher']> = {}): Config =>
    configSchema.parse({
      ...plain,
      training: {
        ...plain.training,
        teacher: { runs: teachers, cache: join(root, 'cache'), ...teacher },
      },
    });
  const run = (name: string) => ({ folder: join(root, name), resume: false });

  test(
    'is given the mean of the probabilities of those that have not seen a document, mixed with its labels',
    async () => {
      const config = student({ weight: 0.25 });
      const data = await prepareData(config);
      const learned = await expectNoLeakedTensors(async () =>
        taught(data, config, await describeTeachers(data.teachers), createContext()),
      );
      const seen = await Promise.all(
        teachers.map(async (run) => new Set((await readSplit(join(run, 'split.json'))).training)),
      );
      const numbers = new Set<number>();
      for (const { size } of seen) expect(size).toBeGreaterThan(4);
      for (const [at, { name, text, targets }] of data.training.entries()) {
        const scores: Float32Array[][] = [];
        for (const [i, teacher] of teachers.entries()) {
          if (seen[i]!.has(name)) continue;
          const predictor = await openPredictor(join(teacher, 'checkpoints/best'), {}, createContext());
          for await (const one of predictTexts(predictor, [{ name, text }])) scores.push(one.scores);
          predictor.dispose();
        }
        numbers.add(scores.length);
        const soft = learned.training[at]!.targets;
        expect(soft.slice(0, 2)).toEqual(targets);
        for (const [output, gold] of targets.entries()) {
          const expected = Array.from(gold, (label, word) => {
            if (scores.length === 0) return label;
            const mean = scores.reduce((sum, one) => sum + one[output]![word]!, 0) / scores.length;
            return 0.25 * mean + 0.75 * label;
          });
          expectClose(soft[2 + output]!, expected, 2e-4, name); // what teachers say is kept in half precision
        }
      }
      expect(numbers.size).toBeGreaterThan(1);
    },
    patient,
  );

  test(
    'whose teachers have no say learns what one without them learns, to the bit',
    async () => {
      await runToEnd(plain, run('alone'));
      await runToEnd(student({ weight: 0 }), run('no-say'));
      expect(hashOf(model(run('no-say').folder))).toBe(hashOf(model(run('alone').folder)));
      await runToEnd(student({ weight: 0.5 }), run('half'));
      expect(hashOf(model(run('half').folder))).not.toBe(hashOf(model(run('alone').folder)));
    },
    patient,
  );

  test(
    'and is stopped among its teachers and its steps ends as one that was not, to the bit',
    async () => {
      await runToEnd(student(), run('whole'));
      renameSync(join(root, 'cache'), join(root, 'cache-whole'));
      const out = run('stopped').folder;
      const abort = new AbortController();
      const progress = (name: string, done: number) => {
        if (name === TEACHING && done === 2) abort.abort();
      };
      const context = createContext({ signal: abort.signal, progress });
      await expect(runToEnd(student(), run('stopped'), undefined, context)).rejects.toThrow(Interrupted);
      expect(await runUntil(student(), { folder: out, resume: true }, 3)).toBe(3);
      await runToEnd(student(), { folder: out, resume: true });
      expect(resultOf(out)).toEqual(resultOf(run('whole').folder));
      const files = readdirSync(join(root, 'cache'));
      expect(files).toHaveLength(2);
      for (const file of files) expect(existsSync(join(root, 'cache-whole', file))).toBe(true);
    },
    patient,
  );

  test('says in its plan who teaches what, and what has no teacher', async () => {
    const { teachers: planned, documents, notices } = await planRun(student());
    expect(planned.map(({ run }) => run)).toEqual(teachers);
    const seen = await Promise.all(
      teachers.map(async (run) => new Set((await readSplit(join(run, 'split.json'))).training)),
    );
    const { split } = await prepareData(student());
    const counts = seen.map((names) => split.training.filter((name) => !names.has(name)).length);
    expect(planned.map(({ documents }) => documents)).toEqual(counts);
    const untaught = split.training.filter((name) => seen.every((names) => names.has(name))).length;
    expect(notices.join('\n')).toContain(
      `All teachers were trained on ${untaught} of the ${documents.training} training documents`,
    );
    expect(notices.join('\n')).toMatch(
      /a teacher, was trained on \d of the \d documents that are held out here/,
    );
    expect((await planRun(student({ seen: 'teach' }))).teachers[0]!.documents).toBe(documents.training);
    await expect(planRun(student({ seen: 'refuse' }))).rejects.toThrow(
      `training.teacher.runs: all of them were trained on ${untaught} of the ${documents.training} training documents`,
    );
  });

  test(
    'records who taught it, and does not go on where a teacher has changed',
    async () => {
      const own = join(root, 'own-teacher');
      cpSync(teachers[0]!, own, { recursive: true });
      const config = student({ runs: [own] });
      await runUntil(config, run('changed'), 2);
      const { teachers: recorded } = await readStored(join(root, 'changed/run.json'), recordFormat);
      expect(recorded).toEqual([{ run: own, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
      appendFileSync(join(own, 'checkpoints/best/meddoprof.json'), '\n');
      await expect(runToEnd(config, { ...run('changed'), resume: true })).rejects.toThrow(
        `${own}, a teacher, has changed since ${run('changed').folder} was started`,
      );
    },
    patient,
  );

  test('stands for the fold at hand where a name says so', async () => {
    const config = student({ runs: [join(root, 'fold-{fold}')] });
    const data = { ...config.data, folds: 3, fold: 2 };
    const { teachers: planned, notices } = await planRun({ ...config, seed: 1, data });
    expect(planned.map(({ run }) => run)).toEqual([teachers[1]]);
    expect(notices.join('\n')).not.toContain('held out here');
  });

  test.each<[string, (config: Config) => Config, string]>([
    [
      'has another scheme',
      (config) => ({ ...config, model: { ...config.model, scheme: 'BIO' } }),
      'fold-1 has the scheme IO, and model.scheme is BIO: only a model that finds the same can teach',
    ],
    [
      'finds other labels',
      (config) => ({ ...config, tasks: { ner: { folder: 'task1', labels: ['PROFESION'] } } }),
      'fold-1 finds ner (PROFESION, SITUACION_LABORAL, ACTIVIDAD), class (PACIENTE, FAMILIAR, SANITARIO, OTROS), and this config ner (PROFESION)',
    ],
    [
      'has other outputs',
      (config) => ({ ...config, model: { ...config.model, outputs: 'joint' } }),
      'fold-1 has outputs perTask, and model.outputs is joint',
    ],
    [
      'is no run',
      (config) => {
        const teacher = { ...config.training.teacher, runs: ['nowhere'] };
        return { ...config, training: { ...config.training, teacher } };
      },
      'there is no checkpoint in nowhere/checkpoints/best',
    ],
  ])('refuses a teacher that %s', async (_, change, sentence) => {
    await expect(planRun(change(student()))).rejects.toThrow(sentence);
  });

  test('refuses a teacher that was not trained to its end', async () => {
    const own = join(root, 'unfinished');
    cpSync(teachers[0]!, own, { recursive: true });
    rmSync(join(own, 'evaluation.json'));
    await expect(planRun(student({ runs: [own] }))).rejects.toThrow(`${own} is not finished (interrupted)`);
  });

  test('refuses a teacher of which nobody knows what it was trained on', async () => {
    const own = join(root, 'without-split');
    cpSync(teachers[0]!, own, { recursive: true });
    rmSync(join(own, 'split.json'));
    await expect(planRun(student({ runs: [own] }))).rejects.toThrow(
      `${join(own, 'split.json')} is missing, which tells what ${own} was trained on`,
    );
  });
});
