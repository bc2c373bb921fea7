import { afterEach, describe, expect, test } from '@jest/globals';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { captureOutput } from '../support/captureOutput.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

async function run(...args: string[]) {
  const { value, ...output } = await captureOutput(() => runProgram(args));
  return { ...output, status: value };
}

describe('predict --set', () => {
  /** A saved model of random weights, and a text in which it finds something. */
  async function given() {
    const place = folder();
    const model = join(place, 'model');
    await saveTinyModel(model, 'tiny-distilbert');
    const input = join(place, 'notes');
    mkdirSync(input);
    writeFileSync(join(input, 'n.txt'), 'La paciente trabaja de enfermera en un hospital. '.repeat(4));
    const predict = async (checkpoint: string, ...options: string[]) => {
      const out = join(folder(), 'out');
      const args = ['--input', input, '--out', out, '--engine', 'wasm', '--json', ...options];
      const result = await run('predict', checkpoint, ...args);
      return { ...result, spans: () => JSON.parse(result.stdout).spans.ner as number, out };
    };
    return { place, model, predict };
  }
  const found = (out: string) =>
    readdirSync(join(out, 'ner')).map((name) => readFileSync(join(out, 'ner', name), 'utf8'));

  test('decides as a checkpoint does that was trained with the same setting', async () => {
    const { place, model, predict } = await given();
    const settings = JSON.parse(readFileSync(join(model, 'meddoprof.json'), 'utf8'));
    settings.decoding.threshold = 0.55;
    const trained = join(place, 'trained');
    cpSync(model, trained, { recursive: true });
    writeFileSync(join(trained, 'meddoprof.json'), JSON.stringify(settings));
    const plain = await predict(model);
    const set = await predict(model, '--set', 'decoding.threshold=0.55');
    expect(found(set.out)).not.toEqual(found(plain.out)); // or the next line could not fail
    expect(found(set.out)).toEqual(found((await predict(trained)).out));
  });

  test('may say the same as --engine', async () => {
    const { model, predict } = await given();
    expect((await predict(model, '--set', 'backend={engine: wasm}')).status).toBe(0);
  });

  test('finds nothing with the threshold 1', async () => {
    const { model, predict } = await given();
    expect((await predict(model)).spans()).toBeGreaterThan(0);
    expect((await predict(model, '--set', 'decoding={threshold: 1}')).spans()).toBe(0);
  });

  test.each([
    ['no.such.option=1', 'predict takes --set decoding, normalization.exact, normalization.threshold, backend only, and not no.such.option'], // prettier-ignore
    ['training.batchSize=4', 'and not training.batchSize'],
    ['threshold=1', 'and not threshold; did you mean decoding.threshold?'],
    ['decoding.treshold=1', 'decoding.treshold is unknown; did you mean decoding.threshold?'],
    ['decoding.threshold=2', 'decoding.threshold is 2; it must be a number from 0 to 1'],
    ['decoding.thresholds={Z: 0.5}', 'decoding.thresholds.Z is for a label of no task; did you mean A?'],
    ['normalization.threshold=1', 'has no effect: the run has nothing that finds codes'],
  ])('refuses %s', async (setting, message) => {
    const { model, predict } = await given();
    const { status, stderr } = await predict(model, '--set', setting);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('a command that reads no config', () => {
  test.each([['doctor'], ['runs'], ['runs', 'show', 'x'], ['merge', 'x'], ['fetch', 'x']])(
    '%s %s takes no --set',
    async (...args) => {
      const { status, stderr } = await run(...args, '--set', 'decoding.threshold=1');
      expect(stderr).toBe(
        `error: ${args[0]} takes no --set: it reads no option of a config; see meddoprof ${args[0]} --help\n`,
      );
      expect(status).toBe(2);
    },
  );
});

describe('a setting that a command does not read is refused by', () => {
  test.each([
    [
      ['report', 'x'],
      'training.batchSize=4',
      'report takes --set data.corpus, data.format, data.norm, data.codes only',
    ],
    [['demo'], 'data.corpus=x', 'and not data.corpus'],
    [['compare', 'x', 'y'], 'data={split: z}', 'and not data.split'],
    [['check', 'x'], 'training.batchSize=4', 'check takes --set tasks, '],
    [['augment', 'x.yaml', '--out', 'y'], 'augmentation.corpus=z', 'and not augmentation.corpus'],
    [['normalize', 'x.yaml'], 'decoding.threshold=1', 'normalize takes --set tasks, '],
    [
      ['evaluate', '--task', 'ner', '--gold', 'x', '--predictions', 'y'],
      'seed=1',
      'evaluate takes --set tasks only',
    ],
    [
      ['evaluate', '--task', 'ner', '--gold', 'x', '--predictions', 'y', '--labels', 'A'],
      'tasks.ner.labels=[B]',
      'evaluate with --labels takes --set tasks.ner.folder only, and not tasks.ner.labels',
    ],
    [
      ['evaluate', '--task', 'norm', '--gold', 'x', '--predictions', 'y'],
      'tasks.ner.folder=z',
      '--set is for tasks with labels, and --task norm has none',
    ],
  ])('%j: %s', async (args, setting, message) => {
    const { status, stderr } = await run(...args, '--set', setting);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('an option that would have no effect is refused by', () => {
  test.each([
    [
      ['augment', 'x.yaml', '--out', 'y', '--engine', 'native', '--set', 'backend.engine=wasm'],
      '--engine native and --set backend.engine=wasm contradict each other',
    ],
    [
      [
        'train',
        'x.yaml',
        '--out',
        'y',
        '--engine',
        'cpu',
        '--set',
        "backend={precision: float32, engine: 'wasm'}",
      ],
      "--engine cpu and --set backend={precision: float32, engine: 'wasm'} contradict each other",
    ],
    [
      [
        'predict',
        'x',
        '--input',
        'y',
        '--out',
        'z',
        '--precision',
        'float32',
        '--set',
        'backend.precision=bfloat16',
      ],
      '--precision float32 and --set backend.precision=bfloat16 contradict each other',
    ],
    [['train', 'x.yaml', '--steps', '5'], '--steps goes with --profile'],
    [
      ['evaluate', '--task', 'norm', '--gold', 'x', '--predictions', 'y', '--labels', 'A'],
      '--labels is for tasks with labels',
    ],
  ])('%j', async (args, message) => {
    const { status, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
