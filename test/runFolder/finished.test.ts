import { beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { readCorpus } from '../../src/data/corpus.js';
import { InputError, UsageError } from '../../src/errors.js';
import { evaluateSpans } from '../../src/eval/evaluation.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { storedFiles } from '../support/storedFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const newFolder = temporaryFolders();
let config: Config;
let folder: string;
beforeEach(async () => {
  const root = newFolder();
  ({ config } = await tinyRun(root));
  folder = await writeFinishedRun(config, { folder: join(root, 'runs', 'tiny-2'), seed: 2 });
});
const file = (name: string) => join(folder, name);
const change = (name: string, from: string | RegExp, to: string) =>
  writeFileSync(file(name), readFileSync(file(name), 'utf8').replace(from, to));
const refusal = () =>
  readFinishedRun(folder).then(
    () => 'none',
    (error: Error) => `${error instanceof InputError}: ${error.message}`,
  );

describe('a finished run', () => {
  test('is read with its config, split, metrics and record', async () => {
    const run = await readFinishedRun(folder);
    expect(run.config).toEqual({ ...config, seed: 2 });
    expect(run.epochs.map(({ f1 }) => f1)).toEqual([0.4, 0.6]);
    expect(run.record).toMatchObject({ seed: 2, seconds: 3600, peakMemoryMiB: 2048 });
    expect(run.split.validation.length).toBeGreaterThan(0);
  });

  test('has the predictions that its evaluation was made of', async () => {
    const { evaluation, predictions, split } = await readFinishedRun(folder);
    const { documents } = await readCorpus(config.data.corpus, config.tasks);
    const held = documents.filter(({ name }) => split.validation.includes(name));
    for (const [task, { labels }] of Object.entries(config.tasks)) {
      const gold = new Map(held.map(({ name, spans }) => [name, spans[task]!]));
      const again = evaluateSpans(gold, predictions.spans[task]!, labels);
      expect(evaluation[task]!.perLabel).toEqual(again.perLabel);
      expect(again.f1).toBeGreaterThan(0);
    }
    expect(predictions.rows!.length).toBeGreaterThan(0);
  });

  test('takes settings over its own, as where the corpus is now', async () => {
    const run = await readFinishedRun(folder, { set: ['data.corpus=elsewhere'] });
    expect(run.config.data.corpus).toBe('elsewhere');
    await expect(readFinishedRun(folder, { set: ['data.corpsu=elsewhere'] })).rejects.toThrow(UsageError);
  });
});

describe('a folder that is no finished run is refused with the reason', () => {
  test('nothing there, or something else', async () => {
    await expect(readFinishedRun(join(folder, 'none'))).rejects.toThrow(/none does not exist/);
    rmSync(file('config.yaml'));
    expect(await refusal()).toMatch(/^true: .*tiny-2 is no run: it has no config\.yaml/);
  });

  test('a training that goes on, or was cut off', async () => {
    rmSync(file('evaluation.json'));
    expect(await refusal()).toMatch(
      /^true: .*tiny-2 is not finished \(epochs done: 2\); go on with: meddoprof train --resume .*tiny-2$/,
    );
  });

  test('an option that this version does not know', async () => {
    change('config.yaml', 'windowPieces:', 'windowLength:');
    change('run.json', '0.1.0', '0.0.9');
    expect(await refusal()).toMatch(
      /^true: .*tiny-2 was made by version 0\.0\.9 of meddoprof, .*config\.yaml:\d+: data\.windowLength .*; read it with that version/,
    );
  });

  test('a record or an evaluation that is damaged', async () => {
    change('evaluation.json', '"perLabel"', '"labels"');
    expect(await refusal()).toMatch(
      /^true: .*evaluation\.json cannot be read as the evaluation of a run: ner\.perLabel is missing; write it again/,
    );
    change('run.json', '"hash"', '"sha"');
    expect(await refusal()).toMatch(
      /^true: .*run\.json cannot be read as the record of a run: corpus\.hash is missing/,
    );
    writeFileSync(file('run.json'), '{"started": ');
    expect(await refusal()).toMatch(
      /^true: .*run\.json cannot be read as the record of a run: it is not JSON/,
    );
  });

  test('a line of the metrics that is damaged, by its number; not the half line of a killed process at the end', async () => {
    appendFileSync(file('metrics.jsonl'), '{"kind":"st');
    expect(await refusal()).toBe('none');
    change('metrics.jsonl', /(\n.*)"tasks"/, '$1"scores"');
    expect(await refusal()).toMatch(
      /^true: .*metrics\.jsonl:2 cannot be read as a logged step or epoch: tasks is missing/,
    );
  });

  test('a task that its config has, and its scores have not', async () => {
    change('evaluation.json', '"class":', '"klass":');
    expect(await refusal()).toMatch(/^true: .*evaluation\.json lacks the scores of the task class/);
  });

  test('a label of its config, or the codes, that its scores have not', async () => {
    const whole = readFileSync(file('evaluation.json'), 'utf8');
    for (const part of [/"PACIENTE":/, /(?<="errors".*)"PACIENTE":/s]) {
      change('evaluation.json', part, '"paciente":');
      expect(await refusal()).toMatch(
        /evaluation\.json lacks the scores of the label PACIENTE of the task class/,
      );
      writeFileSync(file('evaluation.json'), whole);
    }
    writeFileSync(
      file('normalization.json'),
      storedFiles.find(([name]) => name === 'normalization.json')![2],
    );
    expect(await refusal()).toBe('none');
    change('evaluation.json', '"norm":', '"codes":');
    expect(await refusal()).toMatch(/evaluation\.json lacks the scores of the codes/);
  });

  test('predictions that are gone, all or some', async () => {
    const { split } = await readFinishedRun(folder);
    rmSync(file(join('predictions', 'task2', `${split.validation[0]}.ann`)));
    expect(await refusal()).toMatch(
      new RegExp(`task2 lacks 1 of the ${split.validation.length} documents that are scored`),
    );
    rmSync(file(join('predictions', 'norm.tsv')));
    rmSync(file(join('predictions', 'task2')), { recursive: true });
    expect(await refusal()).toMatch(
      /^true: .*tiny-2 has no predictions \(.*task2 is not there\); write them/,
    );
  });
});
