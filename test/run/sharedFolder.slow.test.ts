import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { formatAnnotations, parseAnnotations } from '../../src/data/brat.js';
import { compareSpans } from '../../src/data/document.js';
import { captureOutput } from '../support/captureOutput.js';
import { span, writeFiles } from '../support/corpus.js';

const patient = 600_000; // ms, for a machine that has other things to do
const jobs = ['conductor de autobús', 'enfermera', 'jefa de planta', 'pintor'];
const drugs = ['paracetamol', 'ibuprofeno', 'enalapril'];

/** Notes with a job and a medicine, annotated together; every other job is broken over a line end, in fragments. */
function notes(): Record<string, string> {
  const files = Array.from({ length: 24 }, (_, i) => {
    const job = jobs[i % 4]!.replaceAll(i % 2 === 0 ? ' de ' : '  ', ' de\n');
    const drug = drugs[i % 3]!;
    const text = `Caso ${i}. Trabaja de ${job} y toma ${drug}.\n`;
    const spans = [span(text, 'PROFESION', job), span(text, 'FARMACO', drug)];
    return [
      [`notas/n${i}.txt`, text],
      [`notas/n${i}.ann`, formatAnnotations(spans.sort(compareSpans), text, { fragments: true })],
    ];
  });
  return Object.fromEntries(files.flat()) as Record<string, string>;
}

describe('two tasks of one folder, each with its own labels', () => {
  const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const [corpus, config, run] = ['corpus', 'two.yaml', 'run'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const meddoprof = async (...args: string[]) => {
    const { stdout, stderr, value } = await captureOutput(() => runProgram([...args, '--json', '--quiet']));
    expect({ stderr, value }).toEqual({ stderr: '', value: 0 });
    return JSON.parse(stdout);
  };
  const evaluation = () => JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8'));
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean);

  beforeAll(async () => {
    writeFiles(corpus, notes());
    writeFileSync(
      config,
      `tasks:
  trabajo: { folder: notas, labels: [PROFESION] }
  farmacia: { folder: ./notas/, labels: [FARMACO] }
data: { corpus: ${corpus}, windowPieces: 32, windowStride: 16, validationShare: 0.25 }
encoder: { random: { hidden: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 200 } }
model: { lstmUnits: 16 }
training: { batchSize: 2, epochs: { count: 5, rate: 1e-2, pattern: [full] }, warmupSteps: 1 }
`,
    );
    await meddoprof('train', config, '--out', run);
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('are checked: nothing is wrong, fragments over a line end are spans', async () => {
    const { faults, facts } = await meddoprof('check', corpus, '--config', config);
    expect(faults).toEqual([]);
    expect(facts.tasks).toMatchObject({
      trabajo: { perLabel: { PROFESION: 24 } },
      farmacia: { perLabel: { FARMACO: 24 } },
    });
  });

  test('are both learned, and scored from the files as the run scored them', async () => {
    const own = [
      '--gold',
      corpus,
      '--predictions',
      join(run, 'predictions'),
      '--split',
      join(run, 'split.json'),
    ];
    for (const task of ['trabajo', 'farmacia']) {
      expect(evaluation()[task].f1).toBeGreaterThan(0);
      const scored = await meddoprof('evaluate', '--task', task, '--config', config, '--rule', 'all', ...own);
      expect(scored.f1).toBe(evaluation()[task].f1);
    }
  });

  test('have the spans of both in one file, each with an identifier of its own', async () => {
    const out = join(root, 'out');
    const { spans } = await meddoprof('predict', run, '--input', join(corpus, 'notas'), '--out', out);
    expect(readdirSync(out)).toEqual(['notas']);
    const found = { PROFESION: 0, FARMACO: 0 };
    for (const name of readdirSync(join(out, 'notas'))) {
      const all = lines(join(out, 'notas', name)).map((line) => line.split(/[\t ]/));
      expect(all.map(([identifier]) => identifier)).toEqual(all.map((_, i) => `T${i + 1}`));
      for (const [, label] of all) found[label as keyof typeof found]++;
    }
    expect({ trabajo: found.PROFESION, farmacia: found.FARMACO }).toEqual(spans);
    expect(Math.min(...Object.values(found))).toBeGreaterThan(12);
  });

  test('have a span over a line end written whole, and with --brat in parts, which come back as it was', async () => {
    const input = writeFiles(join(root, 'in'), {
      'l.txt': 'Caso 3. Trabaja de conductor de\nautobús y toma enalapril.\n',
    });
    const written = async (...options: string[]) => {
      const out = join(root, `l${options.length}`);
      await meddoprof('predict', run, '--input', input, '--out', out, ...options);
      return readFileSync(join(out, 'notas', 'l.ann'), 'utf8');
    };
    const [whole, parts] = [await written(), await written('--brat')];
    expect(whole).toContain('PROFESION 19 39\tconductor de autobús\n');
    expect(parts).toContain('PROFESION 19 31;32 39\tconductor de autobús\n');
    const text = readFileSync(join(input, 'l.txt'), 'utf8');
    expect(parseAnnotations(parts, 'l.ann', text)).toEqual(parseAnnotations(whole, 'l.ann', text));
  });
});
