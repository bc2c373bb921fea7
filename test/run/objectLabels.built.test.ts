import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { reportOfRun } from '../../src/report/run.js';
import { captureOutput } from '../support/captureOutput.js';
import { objectLabels, writeLabelled } from '../support/objectLabels.js';

const patient = 600_000; // ms, for a machine that has other things to do
const plain = ['A', 'B', 'C', 'D'];

describe('labels called as what every object has', () => {
  const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const at = (...parts: string[]) => join(root, ...parts);
  const meddoprof = async (...args: string[]) => {
    const { stdout, stderr, value } = await captureOutput(() => runProgram([...args, '--json', '--quiet']));
    expect({ stderr, value }).toEqual({ stderr: '', value: 0 });
    return JSON.parse(stdout);
  };
  const thresholds = (labels: string[]) => labels.map((label, i) => `${label}: ${0.5 - i / 100}`).join(', ');
  const configOf = (name: string, labels: string[]) => `tasks:
  ner: { folder: task1, labels: [${labels.join(', ')}] }
data: { corpus: ${at(name, 'corpus')}, windowPieces: 32, windowStride: 16, validationShare: 0.25 }
encoder: { random: { hidden: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 200 } }
model: { lstmUnits: 16 }
training: { batchSize: 2, epochs: { count: 3, rate: 1e-2, pattern: [full] }, warmupSteps: 1 }
decoding: { thresholds: { ${thresholds(labels)} } }
`;
  /** With A to D in place of the labels, in their order. */
  const renamed = (text: string) =>
    objectLabels.reduce((all, label, i) => all.replaceAll(`"${label}"`, `"${plain[i]}"`), text);
  const read = (name: string, file: string) => readFileSync(at(name, 'run', file), 'utf8');

  beforeAll(async () => {
    for (const [name, labels] of [
      ['object', objectLabels],
      ['plain', plain],
    ] as const) {
      writeLabelled(at(name, 'corpus'), labels, ['constructor', '__proto__', 'toString']);
      writeFileSync(at(`${name}.yaml`), configOf(name, labels));
      await meddoprof('train', at(`${name}.yaml`), '--out', at(name, 'run'));
    }
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('are checked like any: counted, and every scheme can express them', async () => {
    const { facts, ceilings } = await meddoprof(
      'check',
      at('object', 'corpus'),
      '--config',
      at('object.yaml'),
    );
    expect(Object.entries(facts.tasks.ner.perLabel)).toEqual(objectLabels.map((label) => [label, 8]));
    for (const { scores } of ceilings) {
      expect(scores.ner.f1).toBe(1);
      expect(Object.keys(scores.ner.perLabel)).toEqual(objectLabels);
    }
  });

  test('are trained, predicted and evaluated as if they had other names', () => {
    expect(JSON.parse(read('plain', 'evaluation.json')).ner.truePositives).toBeGreaterThan(4);
    expect(JSON.parse(renamed(read('object', 'evaluation.json')))).toEqual(
      JSON.parse(read('plain', 'evaluation.json')),
    );
  });

  test('keep their thresholds in the config and in the checkpoint', () => {
    const { thresholds } = JSON.parse(read('object', 'checkpoints/best/meddoprof.json')).decoding;
    const given = objectLabels.map((label, i) => [label, 0.5 - i / 100]);
    expect(new Map(Object.entries(thresholds))).toEqual(new Map(given as [string, number][]));
    expect(read('object', 'config.yaml')).toMatch(/^ +__proto__: 0\.48$/m);
  });

  test('are predicted from raw text, and scored as the run scored them', async () => {
    await meddoprof(
      'predict',
      at('object', 'run'),
      '--input',
      at('object', 'corpus/task1'),
      '--out',
      at('out'),
    );
    const task = ['--task', 'ner', '--config', at('object.yaml'), '--gold', at('object', 'corpus')];
    const scored = await meddoprof('evaluate', ...task, '--predictions', at('out'), '--split', at('object', 'run/split.json')); // prettier-ignore
    const { f1, perLabel } = JSON.parse(read('object', 'evaluation.json')).ner;
    expect(scored.f1).toBe(f1);
    expect(Object.entries(scored.perLabel)).toEqual(Object.entries(perLabel));
  });

  test('are reported with their own figures', async () => {
    const [own, other] = await Promise.all(
      ['object', 'plain'].map(async (name) => reportOfRun(await readFinishedRun(at(name, 'run')))),
    );
    expect(Object.entries(own!.summary.kind === 'run' ? own!.summary.tracks[0]!.perLabel : {})).toHaveLength(
      4,
    );
    expect(JSON.parse(renamed(JSON.stringify(own!.summary.tracks)))).toEqual(
      JSON.parse(JSON.stringify(other!.summary.tracks)),
    );
  });

  test('are compared like any, each with its scores', async () => {
    cpSync(at('object', 'run'), at('object', 'again'), { recursive: true });
    const { variants } = await meddoprof('compare', at('object', 'run'), at('object', 'again'));
    expect(Object.keys(variants[0].tracks.ner.labels)).toEqual(objectLabels);
  });
});
