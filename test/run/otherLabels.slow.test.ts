import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeMedicines } from '../support/medicines.js';

const patient = 600_000; // ms, for a machine that has other things to do

describe('a corpus of other labels and of one task', () => {
  const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const [corpus, config, run] = ['corpus', 'farmacos.yaml', 'run'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const meddoprof = async (...args: string[]) => {
    const { stdout, stderr, value } = await captureOutput(() => runProgram([...args, '--json', '--quiet']));
    expect({ stderr, value }).toEqual({ stderr: '', value: 0 });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    await writeMedicines(corpus);
    writeFileSync(
      config,
      `tasks:
  farmacos: { folder: farmacos, labels: [MEDICAMENTO, DOSIS] }
data: { corpus: ${corpus}, windowPieces: 64, windowStride: 48 }
encoder: { random: { hidden: 32, layers: 1, heads: 2, intermediate: 32, vocabularySize: 300 } }
model: { lstmUnits: 32 }
training: { batchSize: 4, epochs: { count: 8, rate: 3e-3 }, warmupSteps: 5, headRateFactor: 2 }
`,
    );
    await meddoprof('train', config, '--out', run);
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('is checked: its labels, and what each scheme can express', async () => {
    const { facts, ceilings, errors } = await meddoprof('check', corpus, '--config', config);
    expect(errors).toBe(0);
    expect(facts.tasks).toMatchObject({ farmacos: { perLabel: { MEDICAMENTO: 30, DOSIS: 30 } } });
    expect(ceilings.map(({ scores }: { scores: object }) => Object.keys(scores))).toEqual(Array(3).fill(['farmacos'])); // prettier-ignore
  });

  test('is learned, so that most spans of unseen notes are found', () => {
    const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8'));
    expect(Object.keys(evaluation)).toEqual(['farmacos']);
    expect(Object.keys(evaluation.farmacos.perLabel)).toEqual(['MEDICAMENTO', 'DOSIS']);
    expect(evaluation.farmacos.f1).toBeGreaterThan(0.7);
  });

  test('is predicted from raw text and scored, by the config alone', async () => {
    const out = join(root, 'predictions');
    await meddoprof('predict', run, '--input', join(corpus, 'farmacos'), '--out', out);
    expect(readdirSync(out)).toEqual(['farmacos']);
    const task = ['--task', 'farmacos', '--config', config, '--gold', corpus];
    const all = await meddoprof('evaluate', ...task, '--predictions', out);
    expect(all).toMatchObject({ task: 'farmacos', truePositives: expect.any(Number) });
    expect(all.truePositives).toBeGreaterThan(40);

    const own = await meddoprof('evaluate', ...task, '--predictions', join(run, 'predictions'), '--split', join(run, 'split.json')); // prettier-ignore
    const { f1 } = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')).farmacos;
    expect(own.f1).toBe(f1);
  });
});
